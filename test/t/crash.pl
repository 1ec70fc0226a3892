# crash: after an immediate stop, in the middle of a large share or just after one, every change is there whole or not at
# all, and indexes agree with their tables.
use strict;
use warnings;

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use IPC::Run ();
use Test::More;
use Time::HiRes ();

my $rows = 200_000;
my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init;
$node->append_conf('postgresql.conf', "synchronous_commit = on\nfull_page_writes = on\nmax_wal_size = 4GB\nshared_buffers = 128MB\n");
$node->start;
$node->safe_psql(
	'postgres', qq{
	CREATE EXTENSION relmeta;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob'), relmeta.create_user('cat');
	CREATE TABLE account (id int PRIMARY KEY, owner text);
	CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
	INSERT INTO account VALUES (1, 'ann');
	INSERT INTO contact SELECT i, 1, 'ann' FROM generate_series(1, $rows) AS i;
	SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
	SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'acc_con', preset => 'parental');
	SELECT relmeta.share('account', 1, 'bob', '{read}');
	CHECKPOINT;
});
my $amcheck =
  $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'}) eq '1';
$node->safe_psql('postgres', 'CREATE EXTENSION amcheck') if $amcheck;

# principal, mask and number of the entries of contact
my $entries = q{SELECT principal, mask, count(*) FROM relmeta_access.contact GROUP BY 1, 2 ORDER BY 1, 2};

sub sound
{
	my ($when) = @_;

  SKIP:
	{
		skip 'amcheck is not installed', 2 unless $amcheck;
		my ($rc, $out, $err) = $node->psql('postgres', q{
			SELECT bt_index_check(i.indexrelid, true) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
			WHERE c.relnamespace = 'relmeta_access'::regnamespace AND c.relkind = 'r'});
		is("$rc $err", '0 ', "$when: indexes agree with their tables");
		is($node->safe_psql('postgres', q{
			SELECT c.oid::regclass, h.* FROM pg_class AS c, verify_heapam(c.oid) AS h
			WHERE c.relnamespace = 'relmeta_access'::regnamespace AND c.relkind = 'r'}),
			'', "$when: so do rows with their pages");
	}
	is($node->safe_psql('postgres', q{
		SELECT count(*) FROM relmeta_access.account
		WHERE (cause = 'd') <> (granted_by IS NOT NULL) OR (cause = 'd') <> (granted_at IS NOT NULL)}),
		'0', "$when: each direct entry says who granted it");
	return;
}

# Runs a statement, stops the server when it has written to the table of entries, and starts it again; says whether it
# was committed.
sub interrupt
{
	my ($sql, $written) = @_;
	my ($out, $err) = ('', '');
	my $before = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
	my $psql = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $sql ],
		'>', \$out, '2>', \$err);
	my $watch = $node->background_psql('postgres');

	for (1 .. 3000)
	{
		my $bytes = $watch->query_safe("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$before')", verbose => 0);
		last if $bytes > $written;
		Time::HiRes::sleep(0.005);
	}
	$node->stop('immediate');
	eval { $psql->finish };
	eval { $watch->quit };
	$node->start;
	note($out ne '' ? 'it was committed already' : 'it was interrupted');
	return $out ne '';
}

my $shared = "bob|1|$rows";
my $done = interrupt(q{SELECT relmeta.share('account', 1, 'cat', '{read,write}')}, 5_000_000);
is($node->safe_psql('postgres', $entries), $done ? "$shared\ncat|3|$rows" : $shared, 'share: all or nothing');
is($node->safe_psql('postgres', q{SELECT relmeta.principal_access('contact', 77, 'cat')}), $done ? '{read,write}' : '{}',
	'share: and so it is answered');
sound('share');

$node->safe_psql('postgres', q{SELECT relmeta.share('account', 1, 'cat', '{read,write}')}) unless $done;
$node->safe_psql('postgres', q{SELECT relmeta.modify_share('account', 1, 'cat', '{read,delete}')});
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', $entries), "$shared\ncat|65537|$rows", 'what was committed before a crash is there');
sound('after a commit');

$done = interrupt(q{SELECT relmeta.unshare('account', 1, 'cat')}, 3_000_000);
is($node->safe_psql('postgres', $entries), $done ? $shared : "$shared\ncat|65537|$rows", 'unshare: all or nothing');
sound('unshare');

is($node->safe_psql('postgres', q{SELECT relmeta.unshare('account', 1, 'cat')}), $done ? 0 : $rows + 1, 'it can be repeated');
$node->safe_psql('postgres', 'VACUUM relmeta_access.contact');
is($node->safe_psql('postgres', q{SELECT relmeta.share('account', 1, 'cat', '{append}')}), $rows + 1,
	'and their place used again');
is($node->safe_psql('postgres', $entries), "$shared\ncat|4|$rows", 'entries are as if nothing had happened');
sound('in the end');
is($node->safe_psql('postgres', 'SELECT * FROM relmeta.verify()'), '', 'nothing is wrong');

$node->stop;
done_testing();
