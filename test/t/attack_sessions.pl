# attack_sessions: attacks on controlled tables that need sessions of their own: settings brought along before the library is
# loaded, or kept for a role or database; pg_dump; snapshots from before a revoke; prepared transactions; parallel workers.
use strict;
use warnings;

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes ();

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "max_prepared_transactions = 5\n");
$node->start;
$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION relmeta;
	CREATE ROLE bob LOGIN; CREATE ROLE cat LOGIN; CREATE ROLE owner LOGIN;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob', 'bob'), relmeta.create_user('cat', 'cat');
	GRANT ALL ON SCHEMA public TO owner;
	SET ROLE owner;
	CREATE TABLE account (id int PRIMARY KEY, note text, owner text);
	CREATE TABLE plain (id int);
	GRANT SELECT, INSERT, UPDATE, DELETE ON account TO bob, cat;
	SELECT relmeta.register_table('account', 'owner');
	INSERT INTO account SELECT i, CASE WHEN i % 2 = 0 THEN 'secret ' ELSE 'open ' END || i, CASE WHEN i % 2 = 0 THEN 'ann' ELSE 'bob' END FROM generate_series(1, 100) AS i;
	SELECT relmeta.enable_access_control('account');
});

# what psql says, as a role
sub as_role
{
	my ($role, $sql, $options) = @_;
	local $ENV{PGOPTIONS} = $options if defined $options;
	my ($out, $err) = ('', '');
	$node->psql('postgres', $sql, stdout => \$out, stderr => \$err, on_error_stop => 0, extra_params => [ '-U', $role ]);
	return wantarray ? ($out, $err) : $out;
}

#
# Settings that were there before (ATTACKS 2, 3)
#
my $whoami = 'SELECT relmeta.current_principal(), count(*) FROM account';
is(as_role('bob', $whoami), 'bob|50', 'bob sees his rows');
my ($out, $err) = as_role('bob', $whoami, '-c relmeta.principal=ann');
is($out, 'bob|50', 'a principal from PGOPTIONS is dropped when the library is loaded');
($out, $err) = as_role('bob', "SELECT count(*) FROM account; SHOW relmeta.principal", '-c relmeta.principal=ann');
unlike($out, qr/ann/, 'also by the plan that loads it');
($out, $err) = as_role('bob', "SET relmeta.principal = 'ann'; $whoami");
is($out, 'bob|50', 'a value set before the library is loaded counts for nothing');
($out, $err) = as_role('bob', "SET relmeta.rights = ''; SET relmeta.require_principal = off; SELECT count(*) FROM account; SHOW relmeta.require_principal");
like($out, qr/^50\nwarn$/m, 'nor do the other settings');
($out, $err) = as_role('bob', "ALTER ROLE bob SET relmeta.principal = 'ann'");
is(as_role('bob', $whoami), 'bob|50', 'nor one that the role would keep for itself');
$node->safe_psql('postgres', 'CREATE DATABASE theirs OWNER bob');
as_role('bob', "ALTER DATABASE theirs SET relmeta.principal = 'ann'");
is($node->safe_psql('theirs', 'CREATE EXTENSION relmeta; SET ROLE bob; SELECT relmeta.current_principal() IS NULL'), 't', 'nor the owner of a database for it');
$node->safe_psql('postgres', "ALTER ROLE cat SET relmeta.principal = 'ann'");
is(as_role('cat', $whoami), 'ann|50', 'what a superuser keeps for a role is that role\'s principal');
# which its connection string does not shake off, nor a cap
($out, $err) = as_role('cat', $whoami, '-c relmeta.principal=');
is($out, 'ann|50', 'also where a connection names another');
$node->safe_psql('postgres', "ALTER ROLE cat SET relmeta.rights = '{read}'; ALTER ROLE cat SET relmeta.require_principal = error");
my $writes = "UPDATE account SET note = note WHERE id = 2 RETURNING id; SHOW relmeta.rights; SHOW relmeta.require_principal; RESET ALL; UPDATE account SET note = note WHERE id = 2 RETURNING id";
is(as_role('cat', $writes), "{read}\nerror", 'a cap that a superuser keeps for a role holds');
($out, $err) = as_role('cat', $writes, '-c relmeta.rights= -c relmeta.require_principal=off');
is($out, "{read}\nerror", 'also where a connection names another');
like($err, qr/permission denied to set parameter "relmeta.rights"/, 'which is refused');
$node->safe_psql('postgres', "ALTER ROLE cat RESET relmeta.rights; ALTER DATABASE postgres SET relmeta.rights = '{read,append}'");
($out, $err) = as_role('cat', 'SELECT count(*) FROM account; SHOW relmeta.rights', '-c relmeta.rights={read,write}');
is($out, "50\n{read,append}", 'a database\'s, too');
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET relmeta.rights; ALTER ROLE cat RESET relmeta.principal; ALTER ROLE cat RESET relmeta.require_principal');
($out, $err) = as_role('bob', 'SELECT count(*) FROM account; SHOW relmeta.rights; SHOW relmeta.require_principal', '-c relmeta.rights={read} -c relmeta.require_principal=off');
is($out, "0\n{}\nerror", 'where nothing is kept, what was refused leaves the strictest');
$node->safe_psql('postgres', 'GRANT SET ON PARAMETER relmeta.rights TO bob');
($out, $err) = as_role('bob', 'SELECT count(*) FROM account; SHOW relmeta.rights', '-c relmeta.rights={read}');
is($out, "50\n{read}", 'whoever may set it, sets it by a connection string');
$node->safe_psql('postgres', 'REVOKE SET ON PARAMETER relmeta.rights FROM bob');

#
# pg_dump (ATTACKS 23)
#
my $file = $node->basedir . '/bob.sql';
$node->command_fails([ 'pg_dump', '-U', 'bob', '-t', 'account', '--data-only', '-f', $file, 'postgres' ], 'pg_dump refuses to be filtered');
$node->command_ok([ 'pg_dump', '-U', 'bob', '-t', 'account', '--data-only', '--enable-row-security', '-f', $file, 'postgres' ], 'with row security');
unlike(slurp_file($file), qr/secret/, 'it dumps his rows only');
like(slurp_file($file), qr/open 99/, 'and these');

#
# A snapshot from before a revoke reads as it was, and writes nothing by that (ATTACKS 20)
#
$node->safe_psql('postgres', "SELECT relmeta.share('account', 2, 'bob', '{read,write,share}')");
my $session = join "\n", 'BEGIN ISOLATION LEVEL REPEATABLE READ;', 'SELECT count(*) FROM account;', q{\! psql -XAtqU "$PGUSER_ADMIN" -d postgres -c "SELECT relmeta.unshare('account', 2, 'bob')" >/dev/null},
	'SELECT count(*) FROM account;', q{UPDATE account SET note = 'hack' WHERE id = 2;}, 'ROLLBACK;',
	'SELECT count(*) FROM account;';
$ENV{PGUSER_ADMIN} = $node->safe_psql('postgres', 'SELECT current_user');
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
($out, $err) = as_role('bob', $session);
is($out, "51\n51\n50", 'a repeatable read transaction reads its snapshot, the next statement does not');
like($err, qr/does not hold the right write/, 'and writes by the newest entries');
$node->safe_psql('postgres', "SELECT relmeta.share('account', 2, 'bob', '{read,write,share}')");
$session = join "\n", 'BEGIN ISOLATION LEVEL REPEATABLE READ;', 'SELECT count(*) FROM account;', q{\! psql -XAtqU "$PGUSER_ADMIN" -d postgres -c "SELECT relmeta.unshare('account', 2, 'bob')" >/dev/null},
	q{SELECT relmeta.share('account', 2, 'cat');};
($out, $err) = as_role('bob', $session);
like($err, qr/permission denied to share|you may read|does not hold/, 'a share is judged by the newest entries, too');
is($node->safe_psql('postgres', "SELECT relmeta.principal_access('account', 2, 'cat')"), '{}', 'and gives nothing');

#
# A snapshot that another session has exported before the revoke is no other (ATTACKS 48)
#
$node->safe_psql('postgres', "SELECT relmeta.share('account', 2, 'bob', '{read,write}')");
$session = join "\n", 'BEGIN ISOLATION LEVEL REPEATABLE READ;', 'SELECT pg_export_snapshot() AS snapshot \gset', '\setenv SNAPSHOT :snapshot',
	q{\! psql -XAtqU "$PGUSER_ADMIN" -d postgres -c "SELECT relmeta.unshare('account', 2, 'bob')" >/dev/null},
	q{\! psql -XAtqU bob -d postgres -c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c "SET TRANSACTION SNAPSHOT '$SNAPSHOT'" -c "SELECT count(*) FROM account" -c "UPDATE account SET note = 'hack' WHERE id = 2" 2>&1},
	'ROLLBACK;';
($out, $err) = as_role('bob', $session);
like($out, qr/^51\nERROR:  .*does not hold the right write/m, 'an exported snapshot reads what it did, and writes by the newest entries');

#
# Another session's temporary table (ATTACKS 54)
#
$session = join "\n", 'CREATE TEMP TABLE passing (id int PRIMARY KEY, owner text);',
	map { qq{\\! psql -XAtqU "\$PGUSER_ADMIN" -d postgres -v VERBOSITY=sqlstate -c "SELECT relmeta.$_ FROM pg_class WHERE relname = 'passing'" 2>&1} }
	'register_table(oid::regclass)', q{create_one_to_many(oid::regclass, oid::regclass, 'up')}, 'enable_access_control(oid::regclass)', q{share(oid::regclass, 1, 'cat')}, q{has_access(oid::regclass, 1, 'read')};
is(as_role('bob', $session), "ERROR:  0A000\nERROR:  0A000\nERROR:  42704\nERROR:  42704\nERROR:  42704", 'a temporary table of another session is no table for relmeta');

#
# Prepared transactions (ATTACKS 67)
#
($out, $err) = as_role('bob', q{BEGIN; UPDATE account SET owner = 'ann' WHERE id = 1; PREPARE TRANSACTION 'bobs'; SELECT relmeta.current_principal(), count(*) FROM account});
is($out, 'bob|50', 'before it is committed the row is his');
($out, $err) = as_role('cat', q{COMMIT PREPARED 'bobs'});
like($err, qr/permission denied/, 'another role cannot commit it');
as_role('bob', q{COMMIT PREPARED 'bobs'});
is(as_role('bob', $whoami), 'bob|49', 'bob can');
# a job that is queued by one is nobody's before, and worked as its table's owner's whoever commits it
$node->safe_psql('postgres', q{SET ROLE owner; CREATE TABLE contact (id int PRIMARY KEY, owner text, account_id int); SELECT relmeta.register_table('contact', 'owner'),
	relmeta.create_one_to_many('account', 'contact', 'account_id', 'sessions', preset => 'parental')});
as_role('owner', q{SET relmeta.job_workers = 0; BEGIN; SELECT relmeta.reset_inherited_access('sessions'); PREPARE TRANSACTION 'queued'; CALL relmeta.run_jobs()});
is($node->safe_psql('postgres', q{SELECT count(*) FROM relmeta.jobs}), '0', 'a job of a prepared transaction is not worked');
($out, $err) = as_role('cat', q{COMMIT PREPARED 'queued'});
like($err, qr/permission denied/, 'and not committed by another role');
$node->safe_psql('postgres', q{COMMIT PREPARED 'queued'});
as_role('owner', 'CALL relmeta.run_jobs()');
is($node->safe_psql('postgres', q{SELECT state, requested_by FROM relmeta.jobs}), 'succeeded|owner', 'then it is worked, as whose it was');
$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION relmeta.act_as TO cat');
($out, $err) = as_role('cat', q{BEGIN; SELECT relmeta.act_as('ann'); UPDATE account SET note = note || '!' WHERE id = 2; PREPARE TRANSACTION 'acted'; SELECT relmeta.current_principal(); COMMIT PREPARED 'acted'; SELECT relmeta.current_principal()});
is($out, "\ncat\ncat", 'acting ends with PREPARE TRANSACTION');
$node->safe_psql('postgres', 'REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM cat');

#
# Plans that debug_print_plan prints for the client, with their parameters' values: those of cascades tell no keys of rows below
#
$node->safe_psql('postgres', q{SET ROLE owner; CREATE TABLE visit (id int PRIMARY KEY, owner text); CREATE TABLE page (id int PRIMARY KEY, owner text);
	SELECT relmeta.register_table('visit', 'owner'), relmeta.register_table('page', 'owner');
	SELECT relmeta.create_one_to_many('account', 'visit', 'account_id', delete => 'all', rollup_view => 'all', foreign_key => false),
		relmeta.create_one_to_many('visit', 'page', 'visit_id', delete => 'all', foreign_key => false);
	SELECT relmeta.enable_access_control('visit'), relmeta.enable_access_control('page');
	-- triggers of their own: their rows go by statements
	CREATE FUNCTION goes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
	CREATE TRIGGER goes BEFORE DELETE ON visit FOR EACH ROW EXECUTE FUNCTION goes();
	CREATE TRIGGER goes BEFORE DELETE ON page FOR EACH ROW EXECUTE FUNCTION goes();
	INSERT INTO visit VALUES (777001, 'ann', 1); INSERT INTO page VALUES (1, 'ann', 777001); UPDATE account SET owner = 'bob' WHERE id = 1});
my $key = '\[ ' . join ' ', unpack 'c4', pack 'l<', 777001;
my $printing = q{SET debug_print_plan = on; SET client_min_messages = log; BEGIN; SELECT * FROM relmeta.rollup('account', 1, 'page'); DELETE FROM account WHERE id = 1; ROLLBACK};
(undef, $err) = as_role('bob', "SELECT 1 FROM visit WHERE id = 777001; $printing");
like($err, qr/LOG:  plan:.*LOG:  plan:/s, 'the plans of what bob runs are printed for him');
unlike($err, qr/$key/, 'and no key of a row that he may not read');
(undef, $err) = as_role('owner', "$printing");
like($err, qr/$key/, 'the plans of their owner\'s cascade are printed for him');
is($node->safe_psql('postgres', q{SET ROLE owner; SELECT count(*) FROM page}), '1', 'they are rolled back');

#
# Parallel workers see the same rows, whatever the identity came from (ATTACKS 68)
#
my $debug = $node->safe_psql('postgres', q{SELECT name FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode')});
my $questions = join ';', 'SELECT count(*), sum(id) FROM account', 'SELECT id, note FROM account WHERE id < 12 ORDER BY id', q{SELECT count(*) FROM account AS a JOIN account AS b USING (owner)},
	q{SELECT bool_or(relmeta.has_access('account', id, 'write')) FROM account}, 'SELECT relmeta.current_principals()';
is(as_role('bob', $questions, "-c $debug=on"), as_role('bob', $questions), 'in a worker');
is($node->safe_psql('postgres', "SET relmeta.principal = 'ann'; SET ROLE cat; SET $debug = on; $questions"), $node->safe_psql('postgres', "SET relmeta.principal = 'ann'; SET ROLE cat; $questions"),
	'in a worker, as another principal');
is($node->safe_psql('postgres', "SET relmeta.principal = 'ann'; SET relmeta.rights = '{write}'; SET ROLE cat; SET $debug = on; SELECT count(*) FROM account"), '0', 'in a worker, with a cap');

($out, $err) = as_role('bob', "SELECT count(*) FROM account", "-c $debug=on");
unlike($err, qr/WARNING/, 'a worker warns of nothing');
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN; GRANT SELECT ON account TO stranger');
($out, $err) = as_role('stranger', "SELECT count(*) FROM account", "-c $debug=on");
is(scalar(() = $err =~ /there is no current principal/g), 1, 'a worker repeats no warning');

# A portal of the extended protocol begins when it is bound.  Run after an act_as(), or with another role or cap, it shows what its
# beginning may see, in a worker as in the leader; this speaks the protocol, since psql binds and runs at once.
{

	package Wire;
	use IO::Socket::UNIX;

	sub new
	{
		my ($class, $path, $user) = @_;
		my $self = bless { socket => IO::Socket::UNIX->new(Peer => $path) || die "$path: $!" }, $class;
		my $start = pack('N', 196608) . "user\0$user\0database\0postgres\0\0";
		$self->{socket}->syswrite(pack('N', length($start) + 4) . $start);
		$self->answer;
		return $self;
	}

	sub bytes
	{
		my ($self, $n) = @_;
		my $data = '';
		while (length $data < $n)
		{
			$self->{socket}->sysread($data, $n - length $data, length $data) || die 'the server has gone';
		}
		return $data;
	}

	# until the server is ready: the rows' first columns, and errors
	sub answer
	{
		my ($self) = @_;
		my @found;
		while (1)
		{
			my ($type, $length) = unpack 'aN', $self->bytes(5);
			my $body = $length > 4 ? $self->bytes($length - 4) : '';
			return join ' ', @found if $type eq 'Z';
			push @found, substr $body, 6, unpack 'x2N', $body if $type eq 'D';
			push @found, 'ERROR ' . join '|', split /\0/, $body if $type eq 'E';
		}
	}

	# messages, each a type and a body
	sub ask
	{
		my ($self, @messages) = @_;
		my $data = '';
		while (my ($type, $body) = splice @messages, 0, 2)
		{
			$data .= $type . pack('N', length($body) + 4) . $body;
		}
		$self->{socket}->syswrite($data);
		return $self->answer;
	}

	sub query
	{
		my ($self, $sql) = @_;
		return $self->ask(Q => "$sql\0");
	}

	# what a query finds that is bound before $between and run after it
	sub bound_before
	{
		my ($self, $sql, $between) = @_;
		$self->ask(P => "s\0$sql\0\0\0", B => "p\0s\0" . "\0" x 6, S => '');
		my $said = $self->query($between);
		my $found = $self->ask(E => "p\0" . pack('N', 0), S => '');
		$self->ask(C => 'Ss' . "\0", C => 'Pp' . "\0", S => '');
		return $said =~ /ERROR/ ? $said : $found;
	}
}
$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION relmeta.act_as TO cat; GRANT bob TO cat');
my $wire = Wire->new($node->host . '/.s.PGSQL.' . $node->port, 'cat');
my $owners = q{SELECT string_agg(DISTINCT owner, ',') || relmeta.current_principal() FROM account};
for my $workers ('off', 'on')
{
	my $where = $workers eq 'on' ? 'in a worker' : 'in the leader';
	is($wire->query("SET $debug = $workers"), '', "$debug = $workers");
	$wire->query(q{BEGIN; SELECT relmeta.act_as('ann')});
	is($wire->bound_before($owners, 'SELECT 1'), 'annann', "$where, bound and run as ann");
	is($wire->bound_before($owners, q{SELECT relmeta.act_as('bob')}), 'annann', "$where, bound as ann and run as bob");
	is($wire->bound_before($owners, q{SELECT relmeta.act_as('ann', rights => '{}')}), 'bobbob', "$where, bound without a cap and run with one");
	is($wire->query('ROLLBACK; BEGIN'), '', 'and again');
	is($wire->bound_before($owners, 'SET LOCAL ROLE bob'), '', "$where, bound as a role that sees nothing and run as bob");
	is($wire->bound_before($owners, 'RESET ROLE'), 'bobbob', "$where, bound as bob and run as another role");
	$wire->query('ROLLBACK');
}
undef $wire;
$node->safe_psql('postgres', 'REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM cat; REVOKE bob FROM cat');

#
# A schema that somebody made beforehand (ATTACKS 66)
#
$node->safe_psql('postgres', 'CREATE DATABASE trap; GRANT CREATE ON DATABASE trap TO bob');
$node->psql('trap', 'CREATE SCHEMA relmeta; CREATE FUNCTION relmeta.act_as(text, boolean) RETURNS void LANGUAGE sql AS $$ SELECT 1 $$', extra_params => [ '-U', 'bob' ]);
($out, $err) = ('', '');
$node->psql('trap', 'CREATE EXTENSION relmeta', stderr => \$err);
like($err, qr/ERROR/, 'CREATE EXTENSION does not go into it');
is($node->safe_psql('trap', q{SELECT count(*) FROM pg_extension WHERE extname = 'relmeta'}), '0', 'and makes nothing');

# replication needs more than bob has (ATTACKS 50)
($out, $err) = as_role('bob', q{SELECT pg_create_logical_replication_slot('s', 'pgoutput')});
like($err, qr/must be superuser|permission denied/, 'a slot is not for bob');

#
# Who may set relmeta.principal, and what preloading changes (docs/principals.md)
#
$node->safe_psql('postgres', q{
	CREATE ROLE app LOGIN; CREATE ROLE actor LOGIN;
	GRANT SELECT ON account TO app, actor;
	GRANT SET ON PARAMETER relmeta.principal TO app;
	GRANT EXECUTE ON FUNCTION relmeta.act_as TO actor;
	ALTER ROLE cat SET relmeta.principal = 'ann'});
foreach my $preloaded (0, 1)
{
	my $how = $preloaded ? 'preloaded' : 'not preloaded';
	if ($preloaded)
	{
		$node->append_conf('postgresql.conf', "shared_preload_libraries = 'relmeta'\n");
		$node->restart;
	}
	is(as_role('app', "BEGIN; SET LOCAL relmeta.principal = 'ann'; $whoami; COMMIT; SELECT relmeta.current_principal() IS NULL"), "ann|50\nt",
		"$how: a role with GRANT SET sets it, in the first statement too");
	is(as_role('app', $whoami, '-c relmeta.principal=ann'), 'ann|50', "$how: and in the connection string");
	($out, $err) = as_role('actor', "SELECT relmeta.current_principal() IS NULL; SET relmeta.principal = 'ann'; BEGIN; SELECT relmeta.act_as('ann'); $whoami");
	is($out, "t\n\nann|50", "$how: a role with EXECUTE on act_as acts by that");
	like($err, qr/permission denied to set parameter/, "$how: and sets it by nothing else");
	is(as_role('cat', $whoami), 'ann|50', "$how: what a superuser keeps for a role holds");
	($out, $err) = as_role('bob', "SET relmeta.principal = 'ann'; $whoami");
	is($out, 'bob|50', "$how: who may not set it stays who he is");
	like($err, $preloaded ? qr/ERROR:  permission denied to set parameter/ : qr/WARNING:  permission denied to set parameter/, "$how: and is told so");
	($out, $err) = as_role('cat', $whoami, '-c relmeta.principal=bob');
	if ($preloaded)
	{
		is($out, '', "$how: a connection that names another principal");
		like($err, qr/FATAL:  permission denied to set parameter/, "$how: is refused");
	}
	else
	{
		is($out, 'ann|50', "$how: a connection that names another principal is that of the one that is kept for the role");
		like($err, qr/WARNING:  permission denied to set parameter/, "$how: with a warning");
	}
}

#
# Tables of another role's that hold access control up, one after the other, each for less than a second: a second in all
#
$node->safe_psql(
	'postgres', q{
	CREATE ROLE mal LOGIN;
	CREATE SCHEMA mal AUTHORIZATION mal;
	SET ROLE owner;
	CREATE TABLE held (id int PRIMARY KEY, owner text);
	SELECT relmeta.register_table('held', 'owner');
	GRANT REFERENCES ON held TO mal;
	SET ROLE mal;
	CREATE TABLE mal.other (id int PRIMARY KEY);
	SELECT relmeta.create_many_to_many('held', 'mal.other', 'held_' || i, intersect_table => 'mal.link_' || i) FROM generate_series(1, 6) AS i;
});
my @holders = map {
	IPC::Run::start(
		[
			'psql', '-XAtq', '-d', $node->connstr('postgres') . ' user=mal', '-c',
			"BEGIN; LOCK TABLE mal.link_$_; SELECT pg_sleep(0.2 + 0.8 * $_); COMMIT"
		],
		'>', \my $stdout, '2>', \my $stderr)
} 1 .. 6;
ok($node->poll_query_until('postgres',
		q{SELECT count(*) = 6 FROM pg_locks WHERE relation::regclass::text LIKE 'mal.link__' AND mode = 'AccessExclusiveLock' AND granted}),
	'six tables are held');
my $begun = Time::HiRes::time();
($out, $err) = as_role('owner', q{SELECT relmeta.enable_access_control('held')});
cmp_ok(Time::HiRes::time() - $begun, '<', 3, 'the call waits for a second in all');
like($err, qr/links of many-to-many relationship "held_6" are not controlled: their table is locked by another transaction/,
	'and says what it has left');
$_->finish foreach @holders;
($out, $err) = as_role('owner', q{SELECT relmeta.enable_access_control('held'); SELECT count(*) FROM relmeta.verify() WHERE relation::text LIKE 'mal.%'});
is($out, "\n0", 'the next one finds them free');

$node->stop;
done_testing();
