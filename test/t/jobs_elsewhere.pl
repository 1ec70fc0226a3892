# Jobs that come to another server or database: a logical subscriber shows the publisher's jobs and does not work them, a
# restored database works its own.
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

my $node = PostgreSQL::Test::Cluster->new('publisher');
$node->init(allows_streaming => 'logical');
$node->append_conf('postgresql.conf', "relmeta.job_batch_size = 10\nrelmeta.job_lock_timeout = 0\n");
$node->start;
tree($node, 'app', 60);

# one job that is ready, and one in the middle of its work
my $held = hold($node, 'app', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
my $job = queue($node, 'app');
ok($node->poll_query_until('app', "SELECT rows_revoked > 0 FROM relmeta.jobs WHERE job_id = $job"),
	'a job is under way');

# ---- a dump ----
my $file = $node->basedir . '/app.dump';
command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr('app') ], 'the database is dumped meanwhile');
release($held);
is($node->safe_psql('app', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'the job ends in the database');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $file ], 'the dump is restored');
is(state($node, 'restored', $job), 'running', 'the restored job is as it was');
isnt(entries($node, 'restored'), entries($node, 'app'), 'and so are the entries');
is($node->safe_psql('restored', "SELECT relmeta.wait_for_job($job)"), 'succeeded',
	'it goes on for whoever waits for it');
is(entries($node, 'restored'), entries($node, 'app'), 'with the same result');
is($node->safe_psql('restored', "SELECT relmeta.revoke_inherited_access('acc_con') > $job"), 't',
	'numbers go on, too');

# ---- a logical subscriber ----
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(allows_streaming => 'logical');
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE DATABASE app');
$subscriber->safe_psql('app', 'CREATE EXTENSION relmeta');
my $initial = $node->safe_psql('app',
	"SET relmeta.job_workers = 0; SELECT relmeta.revoke_inherited_access('acc_con')");
$node->safe_psql('app', 'CREATE PUBLICATION jobs FOR TABLE relmeta.job');
my $connection = $node->connstr . ' dbname=app';
$subscriber->safe_psql('app', "CREATE SUBSCRIPTION jobs CONNECTION '$connection' PUBLICATION jobs");
ok($subscriber->poll_query_until('app', "SELECT count(*) = 1 FROM relmeta.jobs WHERE job_id = $initial"),
	'the first copy brings the jobs');
my $later = $node->safe_psql('app', "SET relmeta.job_workers = 0; SELECT relmeta.reset_inherited_access('acc_con')");
ok($subscriber->poll_query_until('app', "SELECT count(*) = 1 FROM relmeta.jobs WHERE job_id = $later"),
	'changes bring the others');
$subscriber->safe_psql('app', 'CALL relmeta.run_jobs()');
is($subscriber->safe_psql('app',
	"SELECT string_agg(state, ' ') FROM relmeta.jobs WHERE job_id IN ($initial, $later)"),
	'ready ready', 'the subscriber does not work them');
$node->safe_psql('app', 'CALL relmeta.run_jobs()');
ok( $subscriber->poll_query_until(
		'app', "SELECT bool_and(state = 'succeeded') FROM relmeta.jobs WHERE job_id IN ($initial, $later)"),
	'but sees the publisher work them');
$later = $node->safe_psql('app', "SET relmeta.job_workers = 0; SELECT relmeta.revoke_inherited_access('acc_con')");
ok($subscriber->poll_query_until('app', "SELECT count(*) = 1 FROM relmeta.jobs WHERE job_id = $later"),
	'another one comes');
$subscriber->safe_psql('app', 'DROP SUBSCRIPTION jobs');
$subscriber->safe_psql('app', "SELECT relmeta.resume_job($later)");
is($subscriber->safe_psql('app', "SELECT relmeta.wait_for_job($later)"),
	'canceled', 'after a switch-over it can be taken over (here its relationship does not exist)');

# session_replication_role alone makes nobody a subscriber
$subscriber->safe_psql(
	'app', q{SET session_replication_role = replica;
	INSERT INTO relmeta.job (job_id, kind, relationship_id, relationship, requested_by, created_at)
	VALUES (999, 'revoke', 1, 'a_b', 'x', now())});
$subscriber->safe_psql('app', 'CALL relmeta.run_jobs()');
is(state($subscriber, 'app', 999), 'canceled', 'a restore as a replica is no replication');

$subscriber->stop;
$node->stop;
done_testing();
