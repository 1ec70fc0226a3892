# A worker whose COMMIT fails, and a queue that is long when the first worker comes: RELMETA_JOBS jobs, 5,000 or as many as one likes.
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

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf',
	"relmeta.job_batch_size = 10\nrelmeta.job_retry_delay = 300ms\nmax_worker_processes = 8\n");
$node->start;

# ---- a commit that fails ----
# what a superuser hangs on an entry table waits for the commit of a batch, and fails while told to
tree($node, 'commits', 60);
$node->safe_psql(
	'commits', q{
	CREATE TABLE public.told AS SELECT true AS refuse;
	CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT refuse FROM public.told) THEN RAISE EXCEPTION 'not at commit'; END IF;
		RETURN NULL;
	END $$;
	CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON relmeta_access.con DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION public.refuse();
});
my $job = queue($node, 'commits');
ok( $node->poll_query_until(
		'commits', "SELECT attempts > 1 AND last_error = 'not at commit' FROM relmeta.jobs WHERE job_id = $job"),
	'a batch whose commit fails is tried again, and the job says why it failed');
is($node->safe_psql('commits', "SELECT rows_revoked FROM relmeta.jobs WHERE job_id = $job"),
	'0', 'what it counted is undone with it');
$node->safe_psql('commits', 'UPDATE public.told SET refuse = false');
is($node->safe_psql('commits', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'until it commits');
is(entries($node, 'commits'), '0|1', 'everything inherited is revoked, the direct grant stays');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'commits'}),
	'the worker leaves the database');
unlike(slurp_file($node->logfile), qr/you don't own a lock|WARNING|was terminated/, 'nothing strange is in the log');

# ---- many jobs of one role, before the first worker comes, and then one of another ----
my $many = $ENV{RELMETA_JOBS} // 5000;
my $most = int($many * 3 / 4);
tree($node, 'many', 20);
$node->safe_psql(
	'many', qq{
	CREATE TABLE public.one (id int PRIMARY KEY, owner text);
	CREATE TABLE public.many (id int PRIMARY KEY, one int);
	SELECT relmeta.register_table('public.one', 'owner');
	SELECT relmeta.create_one_to_many('public.one', 'public.many', 'one', 'one_many', share => 'all');
	INSERT INTO relmeta.job (kind, relationship_id, relationship, requested_by, created_at)
	SELECT 'reset', relationship_id, name, 'mallory', now() FROM relmeta.relationship, generate_series(1, $many)
	WHERE name = 'one_many';
});
$job = queue($node, 'many');
is($node->safe_psql('many', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'the job of another role is worked');
is( $node->safe_psql(
		'many', "SELECT count(*) < 100 FROM relmeta.jobs WHERE requested_by = 'mallory'"
		  . " AND finished_at < (SELECT finished_at FROM relmeta.jobs WHERE job_id = $job)"),
	't', 'in turn, not behind all that came before');
my $offset = -s $node->logfile;
ok( $node->poll_query_until(
		'many', qq{SELECT count(*) > $most FROM relmeta.jobs WHERE requested_by = 'mallory' AND state = 'succeeded'}),
	'the others are worked off');
is( $node->safe_psql(
		'many', q{SELECT bool_and(pg_log_backend_memory_contexts(pid)) FROM pg_stat_activity
		WHERE backend_type = 'relmeta job worker' AND datname = 'many'}),
	't', 'the worker is asked for its memory');
ok( $node->poll_query_until(
		'many', q{SELECT count(*) = 0 FROM relmeta.jobs WHERE requested_by = 'mallory' AND state <> 'succeeded'}),
	'to the last');
my @bytes = slurp_file($node->logfile, $offset) =~ /Grand total: (\d+) bytes/g;
cmp_ok($bytes[0] // 1e12, '<', 20e6, 'which does not grow with the queue');

$node->stop;
done_testing();
