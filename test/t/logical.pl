# logical: a logical subscriber gets entries and grants as the publisher writes them (without statements), and answers
# from them as the publisher does.
use strict;
use warnings;

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use Test::More;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
$publisher->init(allows_streaming => 'logical');
$publisher->append_conf('postgresql.conf', "synchronous_commit = on\n");	# else a commit may not be written yet
$publisher->start;
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(allows_streaming => 'logical');
$subscriber->start;

# the same declarations on both, which are not replicated; principals and rows are
foreach my $node ($publisher, $subscriber)
{
	$node->safe_psql(
		'postgres', q{
		CREATE EXTENSION relmeta;
		CREATE TABLE account (id int PRIMARY KEY, owner text);
		CREATE TABLE contact (id bigint PRIMARY KEY, account_id int, owner text);
		SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
		SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'acc_con', preset => 'parental');
	});
}
$publisher->safe_psql(
	'postgres', q{
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob'), relmeta.create_team('crew');
	SELECT relmeta.add_team_member('crew', 'bob');
	INSERT INTO account VALUES (1, 'ann'), (2, 'ann');
	INSERT INTO contact SELECT i, 1 + i % 2, 'ann' FROM generate_series(1, 2000) AS i;
	SELECT relmeta.share('account', 1, 'bob', '{read}');
	CREATE PUBLICATION app FOR TABLE account, contact, relmeta.principal, relmeta.principal_value, relmeta.team_member,
		TABLES IN SCHEMA relmeta_access;
});
is($publisher->safe_psql('postgres', q{
	SELECT DISTINCT relreplident FROM pg_class WHERE relnamespace = 'relmeta_access'::regnamespace AND relkind = 'r'
}), 'd', 'entry tables are identified by their primary keys');
my $connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION app CONNECTION '$connection' PUBLICATION app");
$subscriber->wait_for_subscription_sync($publisher, 'app');

my $stored = q{
	SELECT 'account', e::text FROM relmeta_access.account AS e
	UNION ALL SELECT 'contact', e::text FROM relmeta_access.contact AS e ORDER BY 1, 2};
my $effective = q{
	SELECT id, p, relmeta.principal_access('account', id, p) FROM account, (VALUES ('ann'), ('bob'), ('crew')) AS v(p)
	UNION ALL
	SELECT id, p, relmeta.principal_access('contact', id, p) FROM contact, (VALUES ('ann'), ('bob'), ('crew')) AS v(p)
	ORDER BY 1, 2, 3};
my $count = q{SELECT count(*) FROM relmeta.principal_object_access};

sub follows
{
	my ($what, $entries) = @_;

	$publisher->wait_for_catchup('app');
	is($subscriber->safe_psql('postgres', $count), $entries, "$what: so many rows are shared on the subscriber");
	foreach my $query ($stored, $effective)
	{
		ok($subscriber->safe_psql('postgres', $query) eq $publisher->safe_psql('postgres', $query),
			"$what: " . ($query eq $stored ? 'entries are the same' : 'and so is who may what'));
	}
	return;
}

sub change
{
	my ($what, $sql, $entries) = @_;

	$publisher->safe_psql('postgres', $sql);
	follows($what, $entries);
	return;
}

follows('the first copy', 1001);
change('INSERT', q{SELECT relmeta.share('account', 2, 'crew', '{read,write}')}, 2002);
change('UPDATE', q{SELECT relmeta.modify_share('account', 2, 'crew', '{read,delete}')}, 2002);
change('one row', q{SELECT relmeta.share('contact', 7, 'crew', '{share}'), relmeta.share('contact', 7, 'bob')}, 2003);
change('a row that moves', q{UPDATE contact SET account_id = 2 WHERE id = 8}, 2003);
change('a row that comes', q{INSERT INTO contact VALUES (3000, 2, 'ann')}, 2004);
change('an assign', q{UPDATE account SET owner = 'bob' WHERE id = 2}, 2004);
change('DELETE', q{SELECT relmeta.unshare('account', 1, 'bob')}, 1004);
change('in pieces', q{
	BEGIN;
	SAVEPOINT a; SELECT relmeta.share('account', 1, 'bob', '{write}'); ROLLBACK TO a;
	SELECT relmeta.share('account', 1, 'crew', '{append}');
	SELECT relmeta.unshare('account', 1, 'crew');
	SELECT relmeta.share('account', 1, 'crew', '{append_to}');
	COMMIT}, 2004);
change('a job', q{SELECT relmeta.update_relationship('acc_con', share => 'none', reparent => 'none'); CALL relmeta.run_jobs()},
	4);
change('a row that goes', q{DELETE FROM account WHERE id = 1}, 3);

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION app');
is($subscriber->safe_psql('postgres', 'SELECT * FROM relmeta.verify()'), '', 'nothing is wrong on the subscriber');
is($subscriber->safe_psql('postgres', q{SELECT relmeta.share('account', 2, 'ann', '{read}')}), '1003',
	'and it can go on by itself');

$subscriber->stop;
$publisher->stop;
done_testing();
