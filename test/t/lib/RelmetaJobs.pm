# RelmetaJobs: what the tests of jobs share.  A database with a tree of three tables, access shared down it, and ways to
# stop a worker in the middle of a job.
package RelmetaJobs;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run ();
use Time::HiRes ();
use PostgreSQL::Test::Utils;

our @EXPORT = qw(tree queue state wait_state hold release workers entries elapsed);

# A database with acc -> con -> task, $rows rows of con and two tasks to each, all owned by u1; acc is shared with u2 and u3,
# which con and task inherit.  Settings are the database's.
sub tree
{
	my ($node, $db, $rows, %settings) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, 'CREATE EXTENSION relmeta');
	$node->safe_psql('postgres', "ALTER DATABASE $db SET $_ = '$settings{$_}'") for sort keys %settings;
	$node->safe_psql(
		$db, qq{
		SELECT relmeta.create_user('u' || i) FROM pg_catalog.generate_series(1, 3) AS i;
		CREATE TABLE public.acc (id int PRIMARY KEY, owner text);
		CREATE TABLE public.con (id int PRIMARY KEY, acc int, owner text);
		CREATE TABLE public.task (id int PRIMARY KEY, con int, owner text);
		SELECT relmeta.register_table('public.' || t, 'owner') FROM (VALUES ('acc'), ('con'), ('task')) AS v(t);
		SELECT relmeta.create_one_to_many('public.acc', 'public.con', 'acc', 'acc_con', preset => 'parental');
		SELECT relmeta.create_one_to_many('public.con', 'public.task', 'con', 'con_task', preset => 'parental');
		INSERT INTO public.acc SELECT i, 'u1' FROM pg_catalog.generate_series(1, 10) AS i;
		INSERT INTO public.con SELECT i, 1 + i % 10, 'u1' FROM pg_catalog.generate_series(1, $rows) AS i;
		INSERT INTO public.task SELECT i, 1 + i % $rows, 'u1' FROM pg_catalog.generate_series(1, 2 * $rows) AS i;
		SELECT relmeta.share('public.acc', id::text, p, '{read,write}')
		FROM public.acc, (VALUES ('u2'), ('u3')) AS v(p);
		SELECT relmeta.share('public.task', '1', 'u2', '{read}');
	});
	return;
}

# Queues a job by switching acc_con off (or, a second time, by hand); its id.
sub queue
{
	my ($node, $db) = @_;
	my $sql = "SELECT relmeta.update_relationship('acc_con', share => 'none', reparent => 'none')";

	$sql = "SELECT relmeta.revoke_inherited_access('acc_con')"
	  if $node->safe_psql($db, "SELECT share FROM relmeta.one_to_many WHERE name = 'acc_con'") eq 'none';
	return $node->safe_psql($db, $sql);
}

sub state
{
	my ($node, $db, $job) = @_;
	return $node->safe_psql($db, "SELECT state FROM relmeta.jobs WHERE job_id = $job");
}

sub wait_state
{
	my ($node, $db, $job, $state) = @_;
	return $node->poll_query_until($db, "SELECT state = '$state' FROM relmeta.jobs WHERE job_id = $job");
}

# Runs $sql in a transaction that stays open until release(): whoever needs the locks waits.
sub hold
{
	my ($node, $db, $sql) = @_;
	my ($out, $err) = ('', '');
	my $name = 'hold ' . rand();
	my $psql = IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db) . " application_name='$name'",
			'-c', "BEGIN; $sql", '-c', q{SELECT 'held'}, '-c', 'SELECT pg_catalog.pg_sleep(600)'
		],
		'>', \$out, '2>', \$err);

	for (1 .. 600)
	{
		$psql->pump_nb;
		last if $out =~ /held/;
		die "hold: $err" if !$psql->pumpable;
		Time::HiRes::sleep(0.1);
	}
	return { node => $node, name => $name, psql => $psql };
}

sub release
{
	my ($held) = @_;

	eval {
		$held->{node}->safe_psql('postgres',
			"SELECT pg_catalog.pg_terminate_backend(pid, 60000) FROM pg_catalog.pg_stat_activity"
			  . " WHERE application_name = '$held->{name}'");
	};
	eval { $held->{psql}->finish };
	return;
}

# The number of workers that are connected to a database.
sub workers
{
	my ($node, $db) = @_;
	return $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'relmeta job worker' AND datname = '$db'");
}

# All inherited entries of con and task that came from above, and how many direct ones there are.
sub entries
{
	my ($node, $db) = @_;
	return $node->safe_psql(
		$db, q{
		SELECT count(*) FILTER (WHERE cause <> 'd'), count(*) FILTER (WHERE cause = 'd')
		FROM (SELECT cause FROM relmeta_access.con UNION ALL SELECT cause FROM relmeta_access.task) AS e});
}

# Seconds that a piece of code takes.
sub elapsed
{
	my ($code) = @_;
	my $begin = Time::HiRes::time();

	$code->();
	return Time::HiRes::time() - $begin;
}

1;
