# With relmeta in shared_preload_libraries a launcher takes up what no commit can announce: after a crash, a
# promotion, and the commit of a prepared transaction, and when no worker slot was free.  It stays connected to no
# database.
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
use PostgreSQL::Test::Utils;
use RelmetaJobs;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'relmeta'
relmeta.job_batch_size = 10
relmeta.job_lock_timeout = 0
relmeta.job_naptime = 200ms
max_prepared_transactions = 5
max_logical_replication_workers = 0
max_worker_processes = 8
});
$node->start;

# ---- a crash in the middle of a job ----
tree($node, 'crash', 60);
tree($node, 'whole', 60);
my $job = queue($node, 'whole');
is($node->safe_psql('whole', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'a job that nothing interrupts');

my $held = hold($node, 'crash', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'crash');
ok( $node->poll_query_until(
		'crash',
		"SELECT rows_revoked > 0 AND EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'relmeta job worker'"
		  . " AND wait_event_type = 'Lock') FROM relmeta.jobs WHERE job_id = $job"),
	'another one is in the middle');
$node->stop('immediate');
release($held);
$node->start;
ok(wait_state($node, 'crash', $job, 'succeeded'), 'after a crash the launcher has it finished');
my $all = q{SELECT string_agg(e::text, ' ' ORDER BY e::text) FROM (
	SELECT 'con', object, principal, relationship, cause, mask FROM relmeta_access.con
	UNION ALL SELECT 'task', object, principal, relationship, cause, mask FROM relmeta_access.task) AS e};
is($node->safe_psql('crash', $all), $node->safe_psql('whole', $all), 'with the same result');
my $counters = 'SELECT rows_revoked, principals, tables FROM relmeta.jobs';
is($node->safe_psql('crash', $counters), $node->safe_psql('whole', $counters), 'and the same counters');
is($node->safe_psql('crash', 'SELECT attempts FROM relmeta.jobs'), '2', 'in the second attempt');
ok( $node->poll_query_until(
		'postgres', q{SELECT string_agg(backend_type, ',') = 'relmeta job launcher' AND count(datname) = 0
		FROM pg_stat_activity WHERE backend_type LIKE 'relmeta%'}),
	'the launcher is connected to no database, and nobody else is left');

# ---- prepared transactions ----
my $again = q{SELECT relmeta.revoke_inherited_access('acc_con')};
$node->safe_psql('whole', "BEGIN; $again; PREPARE TRANSACTION 'job'");
is($node->safe_psql('whole', 'SELECT count(*) FROM relmeta.jobs'), '1',
	'a job in a prepared transaction is not seen');
$node->safe_psql('postgres', 'SELECT pg_sleep(0.5)');
$node->safe_psql('whole', "COMMIT PREPARED 'job'");
ok( $node->poll_query_until('whole', q{SELECT count(*) = 2 AND bool_and(state = 'succeeded') FROM relmeta.jobs}),
	'it is worked once that commits');

$node->safe_psql('whole', "BEGIN; $again; PREPARE TRANSACTION 'job'");
$node->restart;
$node->safe_psql('postgres', 'SELECT pg_sleep(0.5)');
$node->safe_psql('whole', "COMMIT PREPARED 'job'");
ok( $node->poll_query_until('whole', q{SELECT count(*) = 3 AND bool_and(state = 'succeeded') FROM relmeta.jobs}),
	'also when the server was restarted in between');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'whole'}),
	'then nobody looks any more');

# ---- a promotion ----
$job = $node->safe_psql('whole', "SET relmeta.job_workers = 0; $again");
is(state($node, 'whole', $job), 'ready', 'without workers a job stays ready');
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
my ($rc, $out, $err) = $standby->psql('whole', 'CALL relmeta.run_jobs()');
like($err, qr/cannot execute CALL relmeta.run_jobs\(\) during recovery/, 'a standby works nothing');
is($standby->safe_psql('whole', "SELECT relmeta.wait_for_job($job, '0 s')"), 'ready', 'but shows the jobs');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'relmeta%'}),
	'0', 'and starts nobody');
$standby->promote;
ok(wait_state($standby, 'whole', $job, 'succeeded'), 'once promoted it does what was left');
is(state($node, 'whole', $job), 'ready', 'the old primary knows nothing of it');
$standby->stop;

# ---- no free worker slot ----
$node->append_conf('postgresql.conf', "max_worker_processes = 2\n");
tree($node, 'first', 60);
tree($node, 'other', 60);
$node->restart;
ok( $node->poll_query_until('postgres',
		q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type LIKE 'relmeta%'}),
			'the launcher has looked around');
$held = hold($node, 'first', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
my $first = queue($node, 'first');
ok($node->poll_query_until('first', "SELECT rows_revoked > 0 FROM relmeta.jobs WHERE job_id = $first"),
	'one job takes the only slot');
my $other = queue($node, 'other');
is($node->safe_psql('other', "SELECT state FROM relmeta.jobs WHERE job_id = $other"), 'ready',
	'a job of another database waits');
release($held);
ok(wait_state($node, 'first', $first, 'succeeded'), 'the first job ends');
ok(wait_state($node, 'other', $other, 'succeeded'), 'and the other one is taken up');

# ---- a server that is started to be upgraded ----
$node->safe_psql('other', "SET relmeta.job_workers = 0; $again");
$node->stop;
my $log = $node->basedir . '/binary_upgrade.log';
command_ok([ 'pg_ctl', '-D', $node->data_dir, '-l', $log, '-w', '-o', "-b --cluster-name=upgrade", 'start' ],
	'the server is started as pg_upgrade starts it');
my $activity = $node->safe_psql('postgres',
	q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'relmeta%'});
is($activity, '0', 'nobody works then');
is($node->safe_psql('other', q{SELECT count(*) FROM relmeta.jobs WHERE state = 'ready'}), '1', 'and nothing is done');
command_ok([ 'pg_ctl', '-D', $node->data_dir, '-m', 'fast', '-w', 'stop' ], 'it stops');

$node->start;
ok($node->poll_query_until('other', q{SELECT bool_and(state = 'succeeded') FROM relmeta.jobs}),
	'the next start does what was left');
$node->stop;
done_testing();
