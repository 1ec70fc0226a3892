# statistics: of all sessions where the library is preloaded, of this session alone where it is not.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use IPC::Run;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION relmeta;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob');
	CREATE TABLE account (id int PRIMARY KEY, owner_id text);
	CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
	SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
	SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
	INSERT INTO account VALUES (1, 'ann');
	INSERT INTO contact SELECT i, 'ann', 1 FROM generate_series(1, 10) i;
});
my $assigned = q{SELECT calls || '|' || rows FROM relmeta.statistics WHERE relationship = 'account_contact' AND action = 'assign'};
my $assign = q{UPDATE account SET owner_id = CASE owner_id WHEN 'ann' THEN 'bob' ELSE 'ann' END};

is($node->safe_psql('postgres', "$assign; $assigned"), '1|10', 'a session counts what it does');
is($node->safe_psql('postgres', $assigned), '', 'and another one does not know of it');

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'relmeta'\n");
$node->restart;
$node->safe_psql('postgres', $assign) for 1 .. 3;
is($node->safe_psql('postgres', $assigned), '3|30', 'preloaded, all sessions count together');
$node->safe_psql('postgres', "BEGIN; $assign; ROLLBACK");
is($node->safe_psql('postgres', $assigned), '4|40', 'what is rolled back was done, too');

$node->safe_psql('postgres', 'CREATE DATABASE other');
is($node->safe_psql('other', 'CREATE EXTENSION relmeta; SELECT count(*) FROM relmeta.read_statistics()'), '0',
	'a database has its own');

$node->safe_psql('postgres', q{SELECT relmeta.reset_statistics('account_contact')});
is($node->safe_psql('postgres', $assigned), '', 'reset is for all sessions');

# together: nothing is lost
my @sessions = map { IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $assign ]) } 1 .. 4;
$_->finish foreach @sessions;
is($node->safe_psql('postgres', $assigned), '4|40', 'sessions at the same time');

# one role cannot fill the table for all
$node->append_conf('postgresql.conf', "relmeta.statistics_max = 100\n");
$node->restart;
$node->safe_psql('postgres', $assign) for 1 .. 3;
$node->safe_psql('postgres', q{
	CREATE TABLE item (id int PRIMARY KEY);
	INSERT INTO item VALUES (1);
	SELECT relmeta.create_one_to_many('item', 'item', 'a' || i, 'churn' || i, delete => 'all', foreign_key => false)
	FROM generate_series(1, 150) AS i;
	DELETE FROM item;
});
is($node->safe_psql('postgres', $assigned), '3|30', 'who is used more stays when there are too many');
ok($node->safe_psql('postgres', 'SELECT count(*) BETWEEN 90 AND 100 FROM relmeta.read_statistics()'), 'the rest takes turns');
$node->safe_psql('postgres', q{
	INSERT INTO contact SELECT i, 'ann', 1 FROM generate_series(11, 12) i;
	SELECT relmeta.drop_relationship(name) FROM relmeta.one_to_many WHERE name LIKE 'churn%';
	CREATE TABLE thing (id int PRIMARY KEY);
	INSERT INTO thing VALUES (1);
	SELECT relmeta.create_one_to_many('thing', 'thing', 'a' || i, 'other' || i, delete => 'all', foreign_key => false)
	FROM generate_series(1, 20) AS i;
	DELETE FROM thing;
});
is($node->safe_psql('postgres', q{SELECT count(*) FROM relmeta.statistics WHERE relationship LIKE 'other%'}), '20',
	'relationships that are gone make room first');
is($node->safe_psql('postgres', q{SELECT count(*) FROM relmeta.read_statistics() WHERE relationship LIKE 'churn%'}), '0',
	'all of them');
is($node->safe_psql('postgres', "SET relmeta.track_statistics = off; $assign; $assigned"), '3|30', 'counting can be turned off');
$node->stop;
done_testing();
