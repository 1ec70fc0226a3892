# relmeta.progress where the library is preloaded: another session sees what a cascade or a job, held up by a lock, is at; who
# sees it; and that nothing is left when it is canceled, terminated or rolled back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use IPC::Run;
use PostgreSQL::Test::Utils;
use RelmetaJobs;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'relmeta'\nrelmeta.job_batch_size = 10\nrelmeta.job_workers = 0\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION relmeta;
	CREATE ROLE mal LOGIN; CREATE ROLE eve LOGIN; CREATE ROLE watcher LOGIN IN ROLE pg_read_all_stats;
	GRANT CREATE ON SCHEMA public TO mal;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob');
	SET ROLE mal;
	CREATE TABLE account (id int PRIMARY KEY, owner_id text);
	CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
	CREATE TABLE task (id int PRIMARY KEY, owner_id text, contact_id int);
	SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id'),
		relmeta.register_table('task', 'owner_id');
	SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental'),
		relmeta.create_one_to_many('contact', 'task', 'contact_id', preset => 'parental');
	INSERT INTO account VALUES (1, 'ann');
	INSERT INTO contact SELECT i, 'ann', 1 FROM generate_series(1, 2500) i;
	INSERT INTO task SELECT i, 'ann', i FROM generate_series(1, 2500) i;
});

my $seen = 'SELECT relationship, action, level, rows_done, rows_total, started_at BETWEEN pg_postmaster_start_time()'
  . ' AND clock_timestamp() FROM relmeta.progress ORDER BY level';

# holds a row; returns the session
sub held
{
	my ($row) = @_;
	return hold($node, 'postgres', "SELECT FROM public.$row FOR UPDATE");
}

# runs a statement in a session of mal's that comes to wait for a lock
sub waits
{
	my ($statement) = @_;
	my ($out, $err) = ('', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') . ' user=mal',
			'-c', $statement ], '>', \$out, '2>', \$err);
	$node->poll_query_until('postgres',
		q{SELECT count(*) = 1 FROM pg_stat_activity WHERE usename = 'mal' AND wait_event_type = 'Lock'})
	  or die "$statement does not wait: $err";
	return $session;
}

sub seen_by
{
	my ($role) = @_;
	return $node->safe_psql('postgres', $seen, extra_params => [ '-U', $role ]);
}

# ---- cascades ----
my @cascades = (
	[ 'assign', "UPDATE account SET owner_id = 'bob'", 'contact WHERE id = 7', 'account_contact|assign|1|0|1|t' ],
	[ 'assign below', "UPDATE account SET owner_id = 'bob'", 'task WHERE id = 7', 'contact_task|assign|2|0|2500|t' ],
	[ 'share', "SELECT relmeta.share('account', 1, 'bob')", 'contact WHERE id = 7', 'account_contact|share|1|0||t' ],
	[ 'share below', "SELECT relmeta.share('account', 1, 'bob')", 'task WHERE id = 7', 'contact_task|share|2|0||t' ],
	[ 'delete, of which the keys do their part', "DELETE FROM account", 'task WHERE id = 7', '' ]);
foreach my $cascade (@cascades)
{
	my ($name, $statement, $row, $expected) = @$cascade;
	my $holder = held($row);
	my $session = waits($statement);

	is(seen_by('mal'), $expected, "$name: its own role sees it");
	is(seen_by('watcher'), $expected, "$name: so does who reads all statistics");
	is(seen_by('eve'), '', "$name: another role does not");
	$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'mal'});
	$session->finish;
	is(seen_by('watcher'), '', "$name: canceled, nothing is left");
	release($holder);
}

# a statement that is the session's last one leaves nothing, nor does a terminated one
my $holder = held('contact WHERE id = 7');
my $session = waits("BEGIN; SAVEPOINT s; UPDATE account SET owner_id = 'bob'");
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mal'});
$session->finish;
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'mal'}), 'terminated');
is(seen_by('watcher'), '', 'nothing is left of a session that is gone');
release($holder);
is($node->safe_psql('postgres', "BEGIN; UPDATE account SET owner_id = 'bob'; SELECT count(*) FROM relmeta.progress; ROLLBACK"),
	'0', 'a statement that is through is not under way');

# ---- a job ----
$node->safe_psql('postgres', q{
	SELECT relmeta.share('account', 1, 'bob');
	SELECT relmeta.update_relationship('account_contact', share => 'none', reparent => 'none');
}, extra_params => [ '-U', 'mal' ]);
$holder = held('contact WHERE id = 2495');
$session = waits('CALL relmeta.run_jobs()');
is(seen_by('mal'), 'account_contact|revoke|0|2490|2500|t', 'a job says how many entries it has taken, of how many');
is(seen_by('eve'), '', 'another role does not see it');
release($holder);
$session->finish;
is(seen_by('watcher'), '', 'it has ended');

# a superuser works it: whose relationship it is sees it too
$node->safe_psql('postgres', q{SELECT relmeta.reset_inherited_access('account_contact')}, extra_params => [ '-U', 'mal' ]);
$holder = held('contact WHERE id = 1500');
$session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'CALL relmeta.run_jobs()' ]);
ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}), 'a superuser works a job');
like(seen_by('mal'), qr/^account_contact\|reset\|0\|1490\|5000\|t$/m, "the relationship's owner sees it");
is(seen_by('eve'), '', 'another role does not');
release($holder);
$session->finish;
is(seen_by('watcher'), '', 'it has ended as well');

# ---- databases ----
$node->safe_psql('postgres', 'CREATE DATABASE other');
$holder = held('contact WHERE id = 7');
$session = waits("UPDATE account SET owner_id = 'bob'");
is($node->safe_psql('other', "CREATE EXTENSION relmeta; $seen"), '', 'each database sees its own');
release($holder);
$session->finish;
$node->stop;
done_testing();
