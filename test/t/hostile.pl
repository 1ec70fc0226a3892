# hostile: no code of an ordinary role runs as anybody else.
#
# mal, an ordinary role, owns tables that have a function in every place that can hold one (lib/hostile_tables.sql); each
# tells the server's log as whom it is called, and tries to leave something behind that runs at the end of the
# transaction, or in the session.  Then a superuser, another ordinary role and mal himself call every function of
# relmeta, jobs are worked by workers, launcher and run_jobs(), and all is maintained, dumped and restored.  The same
# roles execute the same statements in a database without relmeta: a call that sees another user than mal, and not
# there, fails the test.  lib/RelmetaHostileCases.pm says what is compared with what.
#
# test/tools/hostile-faults puts faults into src/ one at a time and sees that this test fails.  It has the cluster kept as it
# is before each part (RELMETA_HOSTILE_KEEP: a directory), and then starts a part from there (RELMETA_HOSTILE_PART).
use strict;
use warnings;
use FindBin;
use Storable;
use lib "$FindBin::RealBin/lib";

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use PostgreSQL::Test::Utils;
use RelmetaHostile;
use RelmetaHostileCases;
use Test::More;

my $lib  = "$FindBin::RealBin/lib";
my $keep = $ENV{RELMETA_HOSTILE_KEEP};
my $only = $ENV{RELMETA_HOSTILE_PART};
my $node = PostgreSQL::Test::Cluster->new('main');
my %allowed;    # what code of mal's may run as somebody else: per role and name of a statement, "place as user"

# Does what belongs together.
sub part
{
	my ($name, $do) = @_;

	return if defined $only && $name ne $only;
	if (defined $keep && !defined $only)
	{
		$node->stop;
		system_or_bail('cp', '-a', $node->data_dir, "$keep/$name");
		store(\%allowed, "$keep/$name.allowed");
		$node->start;
	}
	$do->();
	return;
}

if (defined $only)
{
	rmdir $node->data_dir;
	mkdir $node->backup_dir;
	system_or_bail('cp', '-a', "$keep/$only", $node->data_dir);
	%allowed = %{ retrieve("$keep/$only.allowed") };
	$node->append_conf('postgresql.conf', 'port = ' . $node->port . "\nunix_socket_directories = '" . $node->host . "'");
	$node->append_conf('postgresql.conf', "relmeta.fault = $ENV{RELMETA_FAULT}");
}
else
{
	$node->init;
}
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'relmeta'
relmeta.job_naptime = 100ms
relmeta.job_retry_delay = 20ms
max_prepared_transactions = 5
track_functions = all
autovacuum = off
autovacuum_naptime = 1s
autovacuum_analyze_threshold = 0
autovacuum_analyze_scale_factor = 0
autovacuum_vacuum_threshold = 0
autovacuum_vacuum_scale_factor = 0
autovacuum_vacuum_insert_threshold = 0
log_error_verbosity = terse
log_statement = none
log_min_error_statement = panic
log_line_prefix = '%a|%b|%d|'
}) if !defined $only;
$node->start;
my $admin = $node->safe_psql('postgres', 'SELECT current_user');
my @roles = ($admin, 'eve', 'mal');

#
# The two databases
#
sub as_mal
{
	my ($db, $file) = @_;
	return if $node->psql(
		$db, '',
		on_error_die => 1,
		extra_params => [ '-U', 'mal', '-v', 'relmeta=' . ($db eq 'hostile' ? 1 : 0), '-f', $file ]) == 0;
	die "$file failed in $db";
}

# the extension is another superuser's than the one who calls: what is done as its owner is told apart
$node->safe_psql('postgres', "CREATE ROLE $_") foreach defined $only ? () : ('mal LOGIN', 'eve LOGIN', 'keeper SUPERUSER');
foreach my $db (defined $only ? () : qw(plain hostile))
{
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql(
		$db, q{
		CREATE FUNCTION public.left_behind() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
		DECLARE
			place text;
		BEGIN
			FOR place IN SELECT m[1] FROM regexp_matches(current_setting('hostile.seen', true), '<([^:>]*):', 'g') AS m LOOP
				RAISE LOG 'hostile: setting left by %|%|%|free', place, current_user, session_user;
			END LOOP;
		END $$;
	});
	$node->safe_psql(
		$db, q{
		SET ROLE keeper;
		CREATE EXTENSION relmeta;
		RESET ROLE;
		GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA relmeta TO eve, mal;
		ALTER DEFAULT PRIVILEGES GRANT REFERENCES ON TABLES TO mal;
		GRANT SET ON PARAMETER relmeta.job_workers TO eve, mal;
		SELECT relmeta.create_user('mal', 'mal'), relmeta.create_user('eve', 'eve'), relmeta.create_user('ann'),
			relmeta.create_user('bob'), relmeta.create_team('erins');
	}) if $db eq 'hostile';
	$node->safe_psql('postgres', "GRANT CREATE ON DATABASE $db TO mal");
	as_mal($db, "$lib/hostile_spies.sql");
	$node->safe_psql($db, slurp_file("$lib/hostile_superuser.sql"));
	as_mal($db, "$lib/hostile_tables.sql");
	$node->safe_psql('postgres', "ALTER DATABASE $db SET search_path = " . ($db eq 'hostile' ? 'mal, pg_catalog' : "''"));
}

sub mine
{
	my ($role, $statement) = @_;
	return $statement =~ s/~/$role/gr =~ s/ == / OPERATOR(pg_catalog.=) /gr;
}

# The pairs whose name is wanted.
sub grep_pairs
{
	my ($wanted, @pairs) = @_;
	return map { $wanted->($pairs[ 2 * $_ ]) ? @pairs[ 2 * $_, 2 * $_ + 1 ] : () } 0 .. $#pairs / 2;
}

# Executes statements without relmeta.
sub learn
{
	my ($role, @pairs) = @_;
	my @names = @pairs[ grep { $_ % 2 == 0 } 0 .. $#pairs ];
	my @statements = @pairs[ grep { $_ % 2 == 1 } 0 .. $#pairs ];

	calls($node);
	my ($states, $err) = run_cases($node, 'plain', $role, 'plain', map { mine($role, $_) } @statements);
	is(join(' ', map { $states->[$_] eq '00000' ? () : "$names[$_] $states->[$_]" } 0 .. $#names),
		'', "$role: every statement succeeds without relmeta")
	  or diag($err);
	$allowed{$role}{$_} = {} foreach @names;
	foreach my $call (calls($node))
	{
		next if $call->{session} !~ /^plain (\d+)$/;
		$allowed{$role}{ $names[$1] }{"$call->{place} as $call->{user}"} = 1;
	}
	return;
}

my %called;  # by role, the functions of relmeta that cases call

# The calls among these that should not have been as they were.  What $owner sees must be restricted: an automation of what a
# merge changes (by itself: 0), what an event trigger of a superuser's sees besides (1), all of it (2).
sub wrong
{
	my ($by_itself, $owner, $allowed, @calls) = @_;
	my $restricted = (qr/^automation /, qr/^(?:automation|event) /, qr/./)[$by_itself];
	my %wrong;

	foreach my $call (@calls)
	{
		my $what = "$call->{place} as $call->{user}";

		next if $allowed->{$what};
		if ($call->{user} ne $owner && $call->{user} ne 'mal')
		{
			my ($kind, $place) = $call->{place} =~ /^((?:deferred|held|setting left) by )?(.*)/;
			$wrong{ ($kind // '') . "as $call->{user}" }{$place} = 1;
		}
		elsif ($call->{place} =~ $restricted && $call->{how} ne 'restricted')
		{
			$wrong{"as $call->{user}, not restricted"}{ $call->{place} } = 1;
		}
	}
	return join "\n", map { "$_: " . join(', ', sort keys %{ $wrong{$_} }) } sort keys %wrong;
}

# DDL of the caller's own on another one's tables is one command: what follows from it is not done as he.
sub too_many
{
	my ($role, $owner, $statement, @calls) = @_;
	my $as_he = grep { $_->{place} eq 'event ddl_command_start' && $_->{user} eq $role } @calls;

	return '' if $role eq $owner || $statement =~ /relmeta\.|EXTENSION/ || $as_he <= split /;/, $statement;
	return "$as_he commands as $role";
}

# Runs cases, one test each.  $owner owns the tables.
sub try_cases
{
	my ($role, $owner, @cases) = @_;
	my @calls;

	calls($node);
	foreach my $case (@cases)
	{
		$called{$role}{$1} = 1 while $case->[0] =~ /\brelmeta\.(\w+)\(/g;
	}
	my ($states, $err) = run_cases($node, 'hostile', $role, 'case', map { mine($role, $_->[0]) } @cases);
	foreach my $call (calls($node))
	{
		push @{ $calls[$1] }, $call if $call->{session} =~ /^case (\d+)$/;
	}
	foreach my $n (0 .. $#cases)
	{
		my ($statement, $names, $state, $fires) = @{ $cases[$n] };
		# an event trigger, which a superuser has made, sees the extension's owner make and drop entry tables, and the
		# owners of tables make triggers on them
		my @events = grep { $_ eq 'event' } @{ $names // [] };
		my @rows = grep { $_ ne 'event' } @{ $names // [] };
		my %may = map { %{ $allowed{$role}{$_} // die "$role cannot: $_" } } @{ $names // [] };

		foreach my $event (@events ? qw(ddl_command_start ddl_command_end sql_drop table_rewrite) : ())
		{
			$may{"event $event as $_"} = 1 foreach 'keeper', 'eve';
		}
		# the event triggers that fire for the like of it without relmeta, and what they leave
		$may{$_} = 1 foreach grep { /^(?:(?:deferred|held|setting left) by )?event / } $fires ? keys %{ $allowed{$role}{$fires} } : ();
		is(($states->[$n] eq ($state // '00000') ? '' : "SQLSTATE $states->[$n]\n")
			  . wrong($role eq $owner ? 0 : @rows ? 1 : 2, $owner, \%may, @{ $calls[$n] // [] })
			  . too_many($role, $owner, $statement, @{ $calls[$n] // [] }),
			'', "$role: " . mine($role, $statement) =~ s/\s+/ /gr)
		  or !$ENV{RELMETA_FIRST_FAILURE}
		  or BAIL_OUT('that is enough');
	}
	note($err);
	return;
}

my $fill = 'SELECT mal.fill()';
my $share = q{
SELECT relmeta.share('mal.account', k::text, p, '{read,write,append,append_to,delete,share,assign}')
FROM generate_series(1, 4) AS k, (VALUES ('bob'), ('eve')) AS v (p);
SELECT relmeta.share('mal.tag', k::text, 'eve', '{read,append}') FROM generate_series(1, 4) AS k;
INSERT INTO mal.piece (id, part_id) VALUES (1, 25);
SELECT relmeta.share('mal.' || t, 1, p) FROM (VALUES ('asking'), ('quiet')) AS v (t), (VALUES ('bob'), ('eve')) AS w (p)};
my @as_mal = (extra_params => [ '-U', 'mal' ]);

part(rows => sub {
	foreach my $role (@roles)
	{
		$node->safe_psql('plain', $fill, @as_mal);
		learn($role, $role eq 'eve' ? grep_pairs(sub { $_[0] ne 'copy' }, @plain) : @plain);
		$node->safe_psql('hostile', "$fill; $share", @as_mal);
		try_cases($role, 'mal', reading());
		try_cases($role, 'mal', writing($role));
	}
});

#
# Jobs
#
my $queue = q{
SET relmeta.job_workers = 0;
SELECT relmeta.reset_inherited_access('account_contact');
SELECT relmeta.update_relationship('account_contact', share => 'none', reparent => 'none');
SELECT relmeta.update_relationship('account_contact', share => 'all', reparent => 'all', revoke_inherited => false);
SELECT relmeta.reset_inherited_access('account_contact')};

part(jobs => sub {
	foreach my $role (@roles)
	{
		$node->safe_psql('hostile', "$fill; $share; $queue", @as_mal);
		try_cases($role, 'mal', working($role));
	}

	$node->safe_psql('hostile', "$fill; $share", @as_mal);
	calls($node);
	$node->safe_psql('hostile', "$queue; RESET relmeta.job_workers; SELECT relmeta.revoke_inherited_access('contact_note')"
		  . " FROM relmeta.update_relationship('contact_note', share => 'none', reparent => 'none')", @as_mal);
	$node->safe_psql('hostile', "BEGIN; SELECT relmeta.reset_inherited_access('account_visit'); PREPARE TRANSACTION 'job';"
		. " COMMIT PREPARED 'job'", @as_mal);
	$node->poll_query_until('hostile', q{SELECT count(*) = 0 FROM relmeta.jobs WHERE finished_at IS NULL});
	is($node->safe_psql('hostile', q{SELECT DISTINCT state FROM relmeta.jobs}), 'succeeded', 'jobs succeed');
	my @calls = grep { $_->{backend} =~ /^relmeta/ } calls($node);
	cmp_ok(scalar(@calls), '>', 0, 'workers meet code of mal\'s');
	is(wrong(2, 'mal', {}, @calls), '', 'workers run it as mal');
});

#
# Tables of two owners
#
part(owners => sub {
	$node->safe_psql('plain',
		'ALTER TABLE mal.page ADD FOREIGN KEY (file_id, owner_id) REFERENCES eve.file (id, owner_id)'
		  . ' ON UPDATE CASCADE ON DELETE CASCADE; CREATE INDEX ON mal.page (file_id)');
	foreach my $role ($admin, 'eve')
	{
		learn($role, @plain_file);
		try_cases($role, $role eq 'eve' ? 'eve' : 'mal', pointing($role));
	}
});

#
# Access control
#
part(control => sub {
	foreach my $role (@roles)
	{
		$node->safe_psql('hostile', "$fill; $share", @as_mal);
		$node->safe_psql('hostile', "SELECT relmeta.enable_access_control('mal.account'), relmeta.enable_access_control('mal.tag')") if $role eq 'eve';
		try_cases($role, 'mal', controlling($role));
	}
});

#
# Declarations: over mal's tables by a superuser and by mal, over tables of her own that hold mal's functions by eve.
#
part(declarations => sub {
	foreach my $role (@roles)
	{
		my $owner = $role eq $admin ? 'mal' : $role;
		my $take = "ALTER TABLE mal.root OWNER TO $owner; ALTER TABLE mal.leaf OWNER TO $owner; GRANT ALL ON SCHEMA mal TO $owner";

		$node->safe_psql($_, 'SELECT mal.plain_tables()', @as_mal), $node->safe_psql($_, $take) foreach qw(plain hostile);
		learn($role, @plain_owner);
		try_cases($role, $owner, declaring($role));
		next if $role eq 'eve';
		learn($role, @plain_partition);
		try_cases($role, 'mal', partitioning());
	}
});

#
# Types
#
part(types => sub {
	try_cases('mal', 'mal', refused());
});

#
# Upkeep, by a superuser and by autovacuum.
#
sub fill_all
{
	$node->safe_psql('plain', $fill, @as_mal);
	$node->safe_psql('hostile', "$fill; $share", @as_mal);
	return;
}

part(upkeep => sub {
	fill_all();
	learn($admin, @plain_upkeep);
	try_cases($admin, 'mal', upkeep());

	fill_all();
	calls($node);
	$node->safe_psql('hostile', 'ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf()');
	ok( $node->poll_query_until(
			'hostile', q{
		SELECT count(*) = 4 FROM pg_stat_user_tables
		WHERE schemaname IN ('mal', 'relmeta_access') AND relname IN ('account', 'contact')
			AND last_autoanalyze IS NOT NULL AND last_autovacuum IS NOT NULL}),
		'autovacuum comes');
	$node->safe_psql('hostile', 'ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf()');
	my @calls = grep { $_->{backend} eq 'autovacuum worker' } calls($node);
	cmp_ok(scalar(@calls), '>', 0, 'autovacuum meets code of mal\'s');
	is(wrong(2, 'mal', {}, @calls), '', 'autovacuum runs it as mal');
});

#
# Dump and restore, by a superuser
#
part(dump => sub {
	my %restore;

	foreach my $db (qw(plain hostile))
	{
		my $file = $node->backup_dir . "/$db";

		fill_all();
		calls($node);
		$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr($db) ], "$db is dumped");
		$node->safe_psql('postgres', "CREATE DATABASE ${db}_restored");
		$node->command_ok([ 'pg_restore', '-d', $node->connstr("${db}_restored"), $file ], "$db is restored");
		my @during = grep { $_->{session} =~ /^pg_(dump|restore)$/ } calls($node);
		is(wrong(0, 'mal', \%restore, @during), '', 'code of mal\'s runs as it does without relmeta') if $db eq 'hostile';
		$restore{"$_->{place} as $_->{user}"} = 1 foreach @during;
	}
});

#
# Nothing has been forgotten: neither a function of relmeta, nor a place.
#
sub missing
{
	my ($sql, $why) = @_;
	return is($node->safe_psql('hostile', "SET search_path = pg_catalog; $sql"), '', $why);
}

if (!defined $only)
{
	my $functions = q{pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
		AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'relmeta')};

	# a trigger of replication: t/logical.pl; what the planner calls is not counted
	missing(
		qq{SELECT p.oid::regprocedure FROM $functions LEFT JOIN pg_stat_user_functions AS s ON s.funcid = p.oid
		WHERE s.calls IS NULL AND p.proname <> 'trigger_job_replicated' AND p.prorettype <> 'internal'::regtype},
		'every function has been called');
	foreach my $role (@roles)
	{
		my $called = join ',', sort keys %{ $called{$role} };
		missing(
			qq{SELECT DISTINCT p.proname FROM $functions
			WHERE prorettype <> ALL ('{trigger,event_trigger,internal}'::regtype[]) AND proname <> ALL ('{$called}')},
			"$role has called every function");
	}
	my $places = join ',', map { qq{"$_"} } sort keys %seen;
	missing(
		qq{SELECT proname FROM pg_proc WHERE pronamespace = 'mal'::regnamespace AND strpos(prosrc, 'mal.spy(') > 0
			-- not what nobody should call: traps, and functions of types that are refused
			AND proname ~ ' ' AND proname !~ '^(operator . |operator .. |trap |cast |range |compare |(text|name|regclass) domain|(root|leaf|page) (using|with check))'
			-- triggers tell their own names
			AND prorettype <> 'event_trigger'::regtype
			AND proname <> ALL (E'{$places}')}, 'every place has been reached');
}

#
# The end
#
part(leaving => sub {
	$node->safe_psql('hostile', $last, @as_mal);
	learn($admin, @plain_last);
	try_cases($admin, 'mal', leaving());
});

$node->stop;
done_testing();
