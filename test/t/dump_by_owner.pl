# dump_by_owner: the owner of a database, no superuser, dumps it with what relmeta keeps, and may change nothing of that.
use strict;
use warnings;

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE dbo LOGIN; CREATE ROLE other LOGIN; CREATE DATABASE theirs OWNER dbo');
$node->safe_psql(
	'theirs', q{
	CREATE EXTENSION relmeta;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob');
	GRANT CREATE ON SCHEMA public TO other;
	SET ROLE dbo;
	CREATE TABLE account (id int PRIMARY KEY, owner text);
	CREATE TABLE contact (id int PRIMARY KEY, owner text, account_id int);
	SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact}'::regclass[]) AS t;
	SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
	INSERT INTO account VALUES (1, 'ann');
	INSERT INTO contact VALUES (10, 'ann', 1);
	SELECT relmeta.share('account', 1, 'bob');
	SELECT relmeta.reset_inherited_access('account_contact');
	RESET ROLE;
	SET ROLE other;
	CREATE TABLE note (id int PRIMARY KEY, owner text);
	SELECT relmeta.register_table('note', 'owner');
	INSERT INTO note VALUES (1, 'ann');
	SELECT relmeta.share('note', 1, 'bob');
	GRANT SELECT ON note TO dbo;
});

my $file = $node->basedir . '/theirs.sql';
$node->command_ok([ 'pg_dump', '-U', 'dbo', '-f', $file, 'theirs' ], 'pg_dump by the owner of the database');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $file ], 'is restored by a superuser');
is($node->safe_psql('copy', "SELECT relmeta.has_access('contact', 10, 'read', 'bob'), relmeta.has_access('note', 1, 'read', 'bob')"),
	't|t', 'with what was shared');

my ($rc, $out, $err) = $node->psql('theirs', 'DELETE FROM relmeta_access.account', extra_params => [ '-U', 'dbo' ]);
like($err, qr/permission denied/, 'entries are not his to change');
($rc, $out, $err) = $node->psql('theirs', 'SELECT * FROM relmeta_access.account', extra_params => [ '-U', 'other' ]);
like($err, qr/permission denied/, 'and not for others to read');

$node->stop;
done_testing();
