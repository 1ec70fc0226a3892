# Jobs are worked by a background worker that a commit starts, without preloading: it does the work once, can be
# paused and canceled between batches, is replaced when it is gone, and holds up neither DROP DATABASE nor a
# shutdown.
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
	"relmeta.job_batch_size = 10\nrelmeta.job_retry_delay = 20ms\nrelmeta.job_lock_timeout = 0\nmax_worker_processes = 8\n");
$node->start;

# ---- a job from its commit to its end ----
tree($node, 'plain', 60);
is(entries($node, 'plain'), '360|1', 'access is inherited');
my $job = queue($node, 'plain');
is($node->safe_psql('plain', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'the commit starts a worker');
is(entries($node, 'plain'), '0|1', 'everything inherited is revoked, the direct grant stays');
is( $node->safe_psql(
		'plain', "SELECT kind, relationship, tables, principals, rows_revoked, attempts, last_error IS NULL,"
		  . " requested_by,"
		  . " started_at <= finished_at FROM relmeta.jobs WHERE job_id = $job"),
	'revoke|acc_con|2|2|360|1|t|' . $node->safe_psql('plain', 'SELECT current_user') . '|t',
	'the job says what it did');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'plain'}),
	'the worker leaves the database');

$job = queue($node, 'plain');
is($node->safe_psql('plain', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'the same again succeeds');
is($node->safe_psql('plain', "SELECT rows_revoked FROM relmeta.jobs WHERE job_id = $job"), '0',
	'and finds nothing to do');

my $jobs = $node->safe_psql('plain', 'SELECT count(*) FROM relmeta.jobs');
$node->safe_psql('plain', q{BEGIN; SELECT relmeta.revoke_inherited_access('acc_con'); ROLLBACK});
is($node->safe_psql('plain', 'SELECT count(*) FROM relmeta.jobs'), $jobs, 'what is rolled back is not queued');

# ---- in the middle of a job ----
# The worker stops at the task that is held: tasks 1 to 3 hang on the first contacts, so take one in the middle.
tree($node, 'middle', 60);
my $held = hold($node, 'middle', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'middle');
ok( $node->poll_query_until(
		'middle', "SELECT rows_revoked > 0 AND state = 'running' FROM relmeta.jobs WHERE job_id = $job"),
	'the counters move while it runs');
ok( $node->poll_query_until(
		'postgres',
		q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'relmeta job worker' AND datname = 'middle'}
		  . qq{ AND state = 'active' AND query LIKE 'relmeta: job $job, revoke acc_con, batch %'}
		  . q{ AND usename = (SELECT rolname FROM pg_roles WHERE oid = 10) AND wait_event_type = 'Lock'}),
	'pg_stat_activity says what the worker does, as the owner of the extension');

my $second = queue($node, 'middle');
my ($rc, $out, $err) = $node->psql('middle', "SET statement_timeout = '300ms'; CALL relmeta.run_jobs()");
isnt($rc, 0, 'run_jobs() waits for what another is working');
like($err, qr/canceling statement due to statement timeout/, 'until it is canceled');
is($node->safe_psql('middle', "SELECT state, attempts FROM relmeta.jobs WHERE job_id = $job"),
	'running|1', 'nobody else works the job');
is($node->safe_psql('middle', "SELECT state, attempts FROM relmeta.jobs WHERE job_id = $second"),
	'ready|0', 'nor another one of its relationship');

$node->safe_psql('middle', "SELECT relmeta.pause_job($job)");
is(state($node, 'middle', $job), 'paused', 'a running job can be paused, without waiting for its batch');
$node->safe_psql('middle', "SELECT relmeta.cancel_job($second)");
is(state($node, 'middle', $second), 'canceled', 'a job that nobody works is canceled at once');
release($held);
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'middle'}),
	'the worker stops at the end of the batch');
my $left = entries($node, 'middle');
isnt($left, '0|1', 'entries are left');
is(state($node, 'middle', $job), 'paused', 'and it stays paused');
is($node->safe_psql('middle', "SELECT relmeta.wait_for_job($job, '0.2 s')"), 'paused', 'also when it is waited for');

$held = hold($node, 'middle', 'SELECT FROM public.con WHERE id = 59 FOR UPDATE');
$node->safe_psql('middle', "SELECT relmeta.resume_job($job)");
ok( $node->poll_query_until(
		'middle',
		q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'relmeta job worker'}
		  . q{ AND wait_event_type = 'Lock'}),
	'a resumed job goes on');
$node->safe_psql('middle', "SELECT relmeta.cancel_job($job)");
is(state($node, 'middle', $job), 'canceling', 'one that is being worked is asked to stop');
release($held);
ok(wait_state($node, 'middle', $job, 'canceled'), 'and stops at the end of its batch');

# ---- what a listener hears: id and state of the job, no keys (ATTACKS 42) ----
tree($node, 'heard', 5);
($rc, $out, $err) = $node->psql('heard',
	q{SELECT relmeta.wait_for_job(relmeta.update_relationship('acc_con', share => 'none', reparent => 'none'))});
like($err, qr/was queued or changed by this transaction/,
	'a job cannot be waited for in the transaction that queued it');
$job = queue($node, 'heard');
my $heard = $node->safe_psql('heard',
	q{LISTEN relmeta_jobs;
SELECT relmeta.revoke_inherited_access('acc_con') AS job \gset
SELECT relmeta.wait_for_job(:job);
SELECT 1});
like($heard,
	qr/"\{"job_id": \d+, "kind": "revoke", "relationship": "acc_con", "state": "succeeded"\}"/,
	'the end of a job is notified');

# ---- a worker that is gone, and work that fails ----
tree($node, 'gone', 60);
$held = hold($node, 'gone', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'gone');
ok($node->poll_query_until('gone', "SELECT rows_revoked > 0 FROM relmeta.jobs WHERE job_id = $job"),
	'a job is under way');
$node->safe_psql('postgres',
	q{SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE backend_type = 'relmeta job worker'});
is(state($node, 'gone', $job), 'running', 'its worker is terminated');
release($held);
is( $node->safe_psql('gone', 'SELECT relation IS NULL, object, problem, repair FROM relmeta.verify()'),
	"t|job $job|is running, but nobody works it|SELECT relmeta.repair()",
	'verify() reports the job that is left behind');
$node->safe_psql('gone', 'CREATE ROLE regress_nobody');
is($node->safe_psql('gone', 'SET ROLE regress_nobody; SELECT relmeta.repair()'), '0',
	'who may not control it cannot have it mended');
is(state($node, 'gone', $job), 'running', 'nor does it change');
is($node->safe_psql('gone', 'SELECT relmeta.repair()'), '1', 'repair() starts a worker for it');
ok(wait_state($node, 'gone', $job, 'succeeded'), 'and the job is done');
is($node->safe_psql('gone', 'SELECT count(*) FROM relmeta.verify()'), '0', 'then all is well');

$node->safe_psql('gone', q{SELECT relmeta.update_relationship('acc_con', share => 'all', reparent => 'all')});
$node->safe_psql('gone',
	q{SET relmeta.job_workers = 0; SELECT relmeta.reset_inherited_access('acc_con'); CALL relmeta.run_jobs()});
$held = hold($node, 'gone', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'gone');
ok($node->poll_query_until('gone', "SELECT rows_revoked > 0 FROM relmeta.jobs WHERE job_id = $job"),
	'another job is under way');
$node->safe_psql('postgres',
	q{SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE backend_type = 'relmeta job worker'});
release($held);
is($node->safe_psql('gone', "SELECT relmeta.wait_for_job($job)"), 'succeeded',
	'whoever waits for one that is left behind starts a worker, too');
is(entries($node, 'gone'), '0|1', 'which does the rest');
is( $node->safe_psql('gone',
	"SELECT attempts, last_error LIKE 'the work ended before%' FROM relmeta.jobs WHERE job_id = $job"),
	'2|t', 'the job says so');

tree($node, 'fails', 60, 'relmeta.job_max_attempts' => 3);
my $refuse = q{
	CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN IF OLD.object = 35 THEN RAISE 'no, said the trigger'; END IF; RETURN OLD; END$$;
	CREATE TRIGGER refuse BEFORE DELETE ON relmeta_access.con FOR EACH ROW EXECUTE FUNCTION public.refuse();
};
$node->safe_psql('fails', $refuse);
$job = queue($node, 'fails');
ok(wait_state($node, 'fails', $job, 'failed'), 'work that fails again and again is given up');
is( $node->safe_psql('fails',
	"SELECT attempts, last_error, finished_at IS NOT NULL FROM relmeta.jobs WHERE job_id = $job"),
	'3|no, said the trigger|t', 'after as many attempts as are set');
my ($inherited) = split /\|/, entries($node, 'fails');
cmp_ok($inherited, '<', 360, 'the batches before it have been done');
$node->safe_psql('fails', 'DROP TRIGGER refuse ON relmeta_access.con');
$node->safe_psql('fails', "SELECT relmeta.resume_job($job)");
is($node->safe_psql('fails', "SELECT relmeta.wait_for_job($job)"), 'succeeded',
	'when the cause is gone it can be resumed');
is(entries($node, 'fails'), '0|1', 'and does the rest');

# ---- settings that would disturb ----
tree(
	$node, 'odd', 20,
	'default_transaction_read_only' => 'off',
	'default_transaction_isolation' => 'serializable',
	'search_path'                   => '');
$node->safe_psql('postgres', "ALTER DATABASE odd SET $_")
  for 'statement_timeout = 1', 'lock_timeout = 1', 'default_transaction_read_only = on',
	'session_replication_role = replica';
{
	local $ENV{PGOPTIONS} = '-c statement_timeout=0 -c default_transaction_read_only=off';
	$job = queue($node, 'odd');
}
$node->safe_psql('postgres', 'ALTER DATABASE odd RESET statement_timeout');
is($node->safe_psql('odd', "SELECT relmeta.wait_for_job($job)"), 'succeeded',
	'timeouts, read-only transactions and the like are none of the worker\'s');

# ---- an owner that cannot log in ----
$node->safe_psql('postgres', 'CREATE ROLE regress_keeper SUPERUSER NOLOGIN');
$node->safe_psql('postgres', 'CREATE DATABASE keeper');
$node->safe_psql(
	'keeper', q{
	SET ROLE regress_keeper;
	CREATE EXTENSION relmeta;
	RESET ROLE;
	CREATE TABLE public.a (id int PRIMARY KEY);
	CREATE TABLE public.b (id int PRIMARY KEY, a int);
	SELECT relmeta.create_one_to_many('public.a', 'public.b', 'a', 'a_b');
});
$job = $node->safe_psql('keeper', q{SELECT relmeta.revoke_inherited_access('a_b')});
is($node->safe_psql('keeper', "SELECT relmeta.wait_for_job($job)"), 'succeeded',
	'the extension\'s owner need not be able to log in');

# ---- whoever keeps the workers waiting keeps nobody else's job waiting ----
$node->safe_psql('postgres', 'CREATE ROLE regress_slow; CREATE ROLE regress_other; CREATE DATABASE shared');
$node->safe_psql(
	'shared', q{
	CREATE EXTENSION relmeta;
	GRANT CREATE ON SCHEMA public TO PUBLIC;
	SET ROLE regress_slow;
	CREATE TABLE public.a (id int PRIMARY KEY);
	CREATE TABLE public.b (id int PRIMARY KEY, a int);
	CREATE TABLE public.c (id int PRIMARY KEY, a int);
	INSERT INTO public.a VALUES (1);
	INSERT INTO public.b VALUES (1, 1);
	INSERT INTO public.c VALUES (1, 1);
	CREATE TABLE public.e (id int PRIMARY KEY, e int);
	SELECT relmeta.create_one_to_many('public.a', 'public.b', 'a', 'a_b'), relmeta.create_one_to_many('public.a', 'public.c', 'a', 'a_c'),
		relmeta.create_one_to_many('public.e', 'public.e', 'e', 'e_e');
	SET ROLE regress_other;
	CREATE TABLE public.d (id int PRIMARY KEY, d int);
	SELECT relmeta.create_one_to_many('public.d', 'public.d', 'd', 'd_d');
});
$held = hold($node, 'shared', 'SET ROLE regress_slow; LOCK TABLE public.b, public.c');
$node->safe_psql('shared', "SET ROLE regress_slow; SELECT relmeta.reset_inherited_access('$_')") foreach qw(a_b a_c);
ok( $node->poll_query_until(
		'shared', q{SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'relmeta job worker' AND wait_event_type = 'Lock'}),
	'all workers wait for a lock that their requester holds');
$job = $node->safe_psql('shared', q{SET ROLE regress_other; SELECT relmeta.reset_inherited_access('d_d')});
is($node->safe_psql('shared', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'another\'s job is worked all the same');
$job = $node->safe_psql('shared', q{SET ROLE regress_slow; SELECT relmeta.reset_inherited_access('e_e')});
is($node->safe_psql('shared', "SELECT relmeta.wait_for_job($job, '0.5 s')"), 'ready', 'but no more of that one\'s');
ok( $node->poll_query_until(
		'postgres', q{SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'relmeta job worker' AND datname = 'shared'}),
	'and no worker stays for it');
release($held);
is($node->safe_psql('shared', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'until its turn has come');

# ---- nor do three roles that hold what their jobs need, one for each worker and the spare one ----
$node->safe_psql('postgres', q{CREATE ROLE regress_lock1; CREATE ROLE regress_lock2; CREATE ROLE regress_lock3; CREATE DATABASE locked});
$node->safe_psql('postgres', "ALTER DATABASE locked SET relmeta.$_")
  foreach "job_lock_timeout = '100ms'", 'job_max_attempts = 2';
$node->safe_psql('locked', 'CREATE EXTENSION relmeta; GRANT CREATE ON SCHEMA public TO PUBLIC');
foreach my $role (qw(lock1 lock2 lock3 other))
{
	$node->safe_psql(
		'locked', qq{
		SET ROLE regress_$role;
		CREATE TABLE public.$role (id int PRIMARY KEY, up int);
		SELECT relmeta.create_one_to_many('public.$role', 'public.$role', 'up', '$role')});
}
$held = hold($node, 'locked', 'LOCK TABLE public.lock1, public.lock2, public.lock3');
$node->safe_psql('locked', "SET ROLE regress_$_; SELECT relmeta.reset_inherited_access('$_')") foreach qw(lock1 lock2 lock3);
$job = $node->safe_psql('locked', q{SET ROLE regress_other; SELECT relmeta.reset_inherited_access('other')});
is($node->safe_psql('locked', "SELECT relmeta.wait_for_job($job)"), 'succeeded',
	'three jobs that wait for locks keep no other role\'s waiting');
ok( $node->poll_query_until(
		'locked', q{SELECT count(*) = 3 FROM relmeta.job WHERE relationship LIKE 'lock_' AND attempts > 3 AND failures = 0}
		  . q{ AND state IN ('ready', 'running') AND last_error = 'canceling statement due to lock timeout'}),
	'they are tried again and again, and have not failed');
my $changes = hold($node, 'locked', q{SELECT relmeta.pause_job(job_id) FROM relmeta.jobs WHERE relationship LIKE 'lock_'});
release($held);
$job = $node->safe_psql('locked', q{SET ROLE regress_other; SELECT relmeta.reset_inherited_access('other')});
is($node->safe_psql('locked', "SELECT relmeta.wait_for_job($job)"), 'succeeded', 'nor do those that somebody is pausing');
is($node->safe_psql('locked', q{SELECT count(*) FROM relmeta.jobs WHERE relationship LIKE 'lock_' AND finished_at IS NULL}),
	'3', 'while he is');
release($changes);
ok( $node->poll_query_until('locked', q{SELECT count(*) = 3 FROM relmeta.jobs WHERE relationship LIKE 'lock_' AND state = 'succeeded'}),
	'when the locks are gone they are done');

# ---- whoever holds a job's row keeps neither a processor busy nor slots for workers ----
tree($node, 'rowheld', 5, 'relmeta.job_retry_delay' => '1h');
$job = $node->safe_psql('rowheld',
	q{SET relmeta.job_workers = 0; SELECT relmeta.update_relationship('acc_con', share => 'none', reparent => 'none')});
$held = hold($node, 'rowheld', "SELECT relmeta.pause_job($job)");
my $log = -s $node->logfile;
my $other = $node->safe_psql('rowheld', q{SELECT relmeta.reset_inherited_access('con_task')});
is($node->safe_psql('rowheld', "SELECT relmeta.wait_for_job($other)"), 'succeeded', 'another job is worked meanwhile');
ok( $node->poll_query_until('postgres',
		q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'rowheld' AND backend_type = 'relmeta job worker'}),
	'a worker that finds nothing but held rows leaves the database');
# more of them than there are slots
my %states;
foreach (1 .. 12)
{
	$other = $node->safe_psql('rowheld', q{SELECT relmeta.reset_inherited_access('con_task')});
	$states{ $node->safe_psql('rowheld', "SELECT relmeta.wait_for_job($other)") } = 1;
}
is(join(' ', sort keys %states), 'succeeded', 'so are more');
ok( $node->poll_query_until('rowheld',
		'SELECT count(*) = 1 FROM pg_locks JOIN pg_database AS d ON d.oid = database AND datname = current_database()'
		  . q{ WHERE classid = 'relmeta.job'::regclass AND objsubid = -3}),
	'one worker waits for the row');
unlike(slurp_file($node->logfile, $log), qr/no free background worker slot/, 'and takes the only slot');
release($held);
ok(wait_state($node, 'rowheld', $job, 'succeeded'), 'what was held is worked when it is let go of, though nothing was committed');

# ---- nor does it make a job fail that somebody holds just when a batch of it ends ----
tree($node, 'endheld', 60, 'relmeta.job_lock_timeout' => '2s', 'relmeta.job_max_attempts' => 1);
$held = hold($node, 'endheld', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'endheld');
my $waits = q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'relmeta job worker' AND wait_event_type = 'Lock'};
ok($node->poll_query_until('endheld', $waits), 'a worker waits for a row');
$changes = hold($node, 'endheld', "SELECT relmeta.pause_job($job)");
ok($node->poll_query_until('endheld', 'SELECT count(*) = 1 FROM relmeta.job_owed'), 'until it is tired, but the job is held');
is(state($node, 'endheld', $job), 'running', 'and stays running');
release($held);
release($changes);
ok(wait_state($node, 'endheld', $job, 'succeeded'), 'that is no failure');
is( $node->safe_psql('endheld',
		"SELECT last_error, attempts, (SELECT count(*) FROM relmeta.job_owed) FROM relmeta.jobs WHERE job_id = $job"),
	'canceling statement due to lock timeout|2|0', 'and the job says what it was');

# a batch that fails meanwhile has failed, of what it failed of
tree($node, 'failheld', 60, 'relmeta.job_max_attempts' => 1);
$node->safe_psql('failheld', $refuse);
$held = hold($node, 'failheld', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'failheld');
ok($node->poll_query_until('failheld', $waits), 'a worker waits for a row once more');
$changes = hold($node, 'failheld', "SELECT relmeta.cancel_job($job)");
release($held);
ok($node->poll_query_until('failheld', 'SELECT count(*) = 1 FROM relmeta.job_owed'), 'and fails');
release($changes);
ok(wait_state($node, 'failheld', $job, 'failed'), 'that is the one failure that it may have');
is( $node->safe_psql('failheld',
		"SELECT last_error, (SELECT count(*) FROM relmeta.job_owed) FROM relmeta.jobs WHERE job_id = $job"),
	'no, said the trigger|0', 'and no crash');

# ---- what code in a job's way does about locks is a failure, unlike the worker's own waiting ----
tree($node, 'nowait', 60, 'relmeta.job_lock_timeout' => '1s', 'relmeta.job_max_attempts' => 2);
$node->safe_psql(
	'nowait', q{
	CREATE TABLE public.busy (id int PRIMARY KEY);
	INSERT INTO public.busy VALUES (1);
	CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
	CREATE TRIGGER refuse BEFORE DELETE ON relmeta_access.con FOR EACH ROW EXECUTE FUNCTION public.refuse();
});
$held = hold($node, 'nowait', 'LOCK TABLE public.busy');
my %raised = (
	"LOCK TABLE public.busy NOWAIT" => ['', 'could not obtain lock on relation "public.busy"'],
	"LOCK TABLE public.busy"        => ['SET lock_timeout = 5', 'canceling statement due to lock timeout'],
	"SET LOCAL lock_timeout = 5; BEGIN LOCK TABLE public.busy; EXCEPTION WHEN lock_not_available THEN RAISE; END" =>
	  ['', 'canceling statement due to lock timeout'],
	"RAISE 'no' USING ERRCODE = '55P03'" => ['', 'no'],);
foreach my $statement (sort keys %raised)
{
	my ($setting, $message) = @{ $raised{$statement} };
	$node->safe_psql('nowait',
		"CREATE OR REPLACE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql $setting AS"
		  . " \$\$BEGIN $statement; RETURN OLD; END\$\$");
	$job = queue($node, 'nowait');
	ok(wait_state($node, 'nowait', $job, 'failed'), "fails: $statement");
	is($node->safe_psql('nowait', "SELECT attempts, last_error FROM relmeta.jobs WHERE job_id = $job"),
		"2|$message", 'as often as it may');
}
release($held);

# ---- jobs that fail, and wait for their next attempts, take one slot of the server's, however many there are ----
$node->safe_psql('postgres', 'CREATE DATABASE failing');
$node->safe_psql('postgres', q{ALTER DATABASE failing SET relmeta.job_retry_delay = '1h'});
$node->safe_psql(
	'failing', q{
	CREATE EXTENSION relmeta;
	SELECT relmeta.create_user('failing');
	CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no, said the trigger'; END$$});
$log = -s $node->logfile;
my $failed = 1;
foreach my $n (1 .. 12)
{
	$node->safe_psql(
		'failing', qq{
		CREATE TABLE public.f$n (id int PRIMARY KEY, up int, owner text);
		SELECT relmeta.register_table('public.f$n', 'owner');
		SELECT relmeta.create_one_to_many('public.f$n', 'public.f$n', 'up', 'f$n', 'parental');
		INSERT INTO public.f$n VALUES (1, NULL), (2, 1);
		SELECT relmeta.share('public.f$n', 1, 'failing');
		CREATE TRIGGER refuse BEFORE DELETE ON relmeta_access.f$n FOR EACH ROW EXECUTE FUNCTION public.refuse();
		SELECT relmeta.update_relationship('f$n', share => 'none', reparent => 'none')});
	$failed &&= $node->poll_query_until('failing', "SELECT count(*) = $n FROM relmeta.jobs WHERE state = 'ready' AND attempts = 1");
}
ok($failed, 'twelve jobs wait for their next attempts');
ok( $node->poll_query_until('failing',
		'SELECT count(*) = 1 FROM pg_locks JOIN pg_database AS d ON d.oid = database AND datname = current_database()'
		  . q{ WHERE classid = 'relmeta.job'::regclass AND objsubid = -3}),
	'one worker waits for all of them');
tree($node, 'notfailing', 5);
$job = queue($node, 'notfailing');
is($node->safe_psql('notfailing', "SELECT relmeta.wait_for_job($job, '1 min')"), 'succeeded', 'another database has slots left');
unlike(slurp_file($node->logfile, $log), qr/no free background worker slot/, 'and nobody met none');
# he who waits looks now and then, and finds what is due before what he waits for
$node->safe_psql('failing', 'DROP TRIGGER refuse ON relmeta_access.f12');
$node->safe_psql('failing', q{UPDATE relmeta.job SET next_attempt_at = now() WHERE job_id = (SELECT max(job_id) FROM relmeta.job)});
ok( $node->poll_query_until('failing', q{SELECT count(*) = 1 FROM relmeta.jobs WHERE state = 'succeeded'}),
	'a job that is due earlier is not forgotten');
is($node->safe_psql('failing', q{SELECT count(*) FROM relmeta.jobs WHERE state = 'ready'}), '11', 'the others wait');

# ---- DROP DATABASE ----
tree($node, 'idle', 5);
$job = queue($node, 'idle');
$node->safe_psql('idle', "SELECT relmeta.wait_for_job($job)");
cmp_ok(elapsed(sub { $node->safe_psql('postgres', 'DROP DATABASE idle') }), '<', 5,
	'no worker stays in an idle database');

tree($node, 'retries', 40, 'relmeta.job_retry_delay' => '1h');
$node->safe_psql('retries', $refuse);
$job = queue($node, 'retries');
ok($node->poll_query_until('retries', q{SELECT state = 'ready' AND last_error IS NOT NULL FROM relmeta.jobs}),
	'a job waits for its next attempt');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'retries'}),
	'the worker waits unconnected');
$node->safe_psql('postgres', 'DROP DATABASE retries');
pass('so that the database can be dropped');

tree($node, 'busy', 3000, 'relmeta.job_batch_size' => 1);
$job = queue($node, 'busy');
ok($node->poll_query_until('busy', "SELECT rows_revoked > 20 FROM relmeta.jobs WHERE job_id = $job"),
	'a worker is busy');
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE busy');
pass('it gives way to a copy of its database');
is($node->safe_psql('busy', "SELECT state IN ('ready', 'running') FROM relmeta.jobs WHERE job_id = $job"), 't',
	'the job is not done');
my $done = $node->safe_psql('busy', "SELECT rows_revoked FROM relmeta.jobs WHERE job_id = $job");
ok($node->poll_query_until('busy', "SELECT rows_revoked > $done + 20 FROM relmeta.jobs WHERE job_id = $job"),
	'and goes on after it');
$node->safe_psql('postgres', 'DROP DATABASE busy');
pass('it gives way to DROP DATABASE');
is($node->safe_psql('copied',
	'SET relmeta.job_batch_size = 10000; CALL relmeta.run_jobs(); SELECT state FROM relmeta.jobs'),
	'succeeded', 'the copy has the job, too, and can do it');
is(entries($node, 'copied'), '0|1', 'from where it was');

# ---- shutting down ----
tree($node, 'stopped', 60);
$held = hold($node, 'stopped', 'SELECT FROM public.con WHERE id = 35 FOR UPDATE');
$job = queue($node, 'stopped');
ok($node->poll_query_until('stopped', "SELECT rows_revoked > 0 FROM relmeta.jobs WHERE job_id = $job"),
	'a job is under way');
cmp_ok(elapsed(sub { $node->stop('fast') }), '<', 30, 'a fast shutdown does not wait for it');
release($held);

# ---- no background workers at all ----
$node->append_conf('postgresql.conf', "max_worker_processes = 0\n");
$node->start;
$job = queue($node, 'stopped');
like(slurp_file($node->logfile), qr/no free background worker slot for the jobs of relmeta/,
	'a commit finds no worker slot');
is(state($node, 'stopped', $job), 'ready', 'but queues the job');
my $offset = -s $node->logfile;
$node->safe_psql(
	'stopped', q{BEGIN; SAVEPOINT s; SELECT relmeta.revoke_inherited_access('acc_con'); ROLLBACK TO s; COMMIT;
	DO $$BEGIN PERFORM relmeta.revoke_inherited_access('acc_con'); RAISE 'no'; EXCEPTION WHEN raise_exception THEN END$$});
unlike(slurp_file($node->logfile, $offset), qr/no free background worker slot/,
	'what a rolled back savepoint has queued needs no worker');
$node->safe_psql('stopped',
	q{BEGIN; SAVEPOINT s; SELECT relmeta.revoke_inherited_access('acc_con'); RELEASE s; COMMIT});
like(slurp_file($node->logfile, $offset), qr/no free background worker slot/, 'but one that is released does');
is($node->safe_psql('stopped', "SELECT relmeta.wait_for_job($job, '1.5 s')"), 'ready', 'it stays ready');
$node->safe_psql('stopped', 'CALL relmeta.run_jobs()');
is($node->safe_psql('stopped', q{SELECT string_agg(DISTINCT state, ',') FROM relmeta.jobs}), 'succeeded',
	'and is worked by run_jobs()');
is(entries($node, 'stopped'), '0|1', 'with the one that the shutdown interrupted');

$node->stop;
done_testing();
