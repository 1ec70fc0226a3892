# pg_upgrade: a database with registrations, relationships, entries and a pending relationship is upgraded in place.
#
# To the same version, unless RELMETA_OLD_BINDIR and RELMETA_OLD_CONF name another major's programs and the lines of
# postgresql.conf that make its staged extension known.
use strict;
use warnings;

BEGIN
{
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use Test::More;

my $new_bindir = qx("$ENV{PG_CONFIG}" --bindir);
chomp $new_bindir;
my $old_bindir = $ENV{RELMETA_OLD_BINDIR} // $new_bindir;
plan skip_all => 'pg_upgrade is not installed' unless -x "$new_bindir/pg_upgrade";

# pg_upgrade loads '$libdir/relmeta'; a staged library is found there by extension_destdir only, which 18 has no more
my $pkglibdir = qx("$ENV{PG_CONFIG}" --pkglibdir);
chomp $pkglibdir;
my $conf = $ENV{TEMP_CONFIG} ? PostgreSQL::Test::Utils::slurp_file($ENV{TEMP_CONFIG}) : '';
plan skip_all => 'pg_upgrade does not find a library that is staged: make install first'
  unless $conf =~ /^extension_destdir/m || -e "$pkglibdir/relmeta.so";

my @install_path = $ENV{RELMETA_OLD_BINDIR} ? (install_path => $old_bindir =~ s!/bin$!!r) : ();
my $old = PostgreSQL::Test::Cluster->new('old', @install_path);
{
	local $ENV{TEMP_CONFIG} = $ENV{RELMETA_OLD_CONF} // $ENV{TEMP_CONFIG};
	$old->init;
}
$old->start;
my $new = PostgreSQL::Test::Cluster->new('new');
# from 18 on initdb turns checksums on; both clusters must agree
$new->init($old->pg_version < 18 && $new->pg_version >= 18 ? (extra => ['--no-data-checksums']) : ());

$old->safe_psql('postgres', 'CREATE DATABASE original');
$old->safe_psql('original', q{
CREATE ROLE upgrade_owner;
CREATE EXTENSION relmeta;
CREATE SCHEMA app AUTHORIZATION upgrade_owner;
SELECT relmeta.create_user('u', 'upgrade_owner'), relmeta.create_user('v'), relmeta.create_team('crew');
SELECT relmeta.add_team_member('crew', 'u');
SET ROLE upgrade_owner;
SET search_path = app;
CREATE TABLE account (gone int, id int PRIMARY KEY, owner_id text, state int);
ALTER TABLE account DROP COLUMN gone;
CREATE TABLE "Weird ""Name""" (id int PRIMARY KEY, owner_id text);
CREATE TABLE task (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE task_1 PARTITION OF task FOR VALUES FROM (0) TO (10);
CREATE TABLE course (id uuid PRIMARY KEY);
SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('"Weird ""Name"""', 'owner_id'),
	relmeta.register_table('task', 'owner_id');
SELECT relmeta.create_one_to_many('account', '"Weird ""Name"""', 'account_id', preset => 'parental'),
	relmeta.create_multi_table_lookup('task', 'about_id', '{account}', delete => 'all'),
	relmeta.create_many_to_many('account', 'course', attributes => 'n int'),
	relmeta.create_many_to_many('account', 'account', 'knows', 'knows', is_symmetric => true),
	relmeta.create_many_to_many('account', 'missing', 'waits');
INSERT INTO account VALUES (1, 'u', 0), (2, 'u', 0);
INSERT INTO "Weird ""Name""" VALUES (1, 'u', 1);
INSERT INTO task VALUES (1, NULL, 1, 'account');
INSERT INTO course VALUES ('00000000-0000-0000-0000-000000000001');
SELECT relmeta.associate('account_course', 1, '00000000-0000-0000-0000-000000000001', '{"n": 1}'),
	relmeta.associate('knows', 2, 1);
RESET ROLE;
SELECT relmeta.share('app.account', 1, 'crew', '{read,share}'), relmeta.share('app.account', 2, 'v', '{write}');
SELECT relmeta.share('app."Weird ""Name"""', 1, 'v', '{delete}');
SELECT relmeta.modify_share('app.account', 1, 'crew', '{read}'), relmeta.unshare('app.account', 2, 'v');
SET ROLE upgrade_owner;
SELECT relmeta.enable_access_control('app.account'), relmeta.enable_access_control('app.task');
});
my $facts = q{
SELECT 'table', t::text FROM relmeta.tables t
UNION ALL SELECT 'relationship', r::text FROM relmeta.one_to_many r
UNION ALL SELECT 'links', m::text FROM relmeta.many_to_many m
UNION ALL SELECT 'principal', p::text FROM relmeta.principals p
UNION ALL SELECT 'entry', e::text FROM relmeta.principal_object_access e
UNION ALL SELECT 'stored', e::text FROM relmeta_access.account e
UNION ALL SELECT 'stored below', e::text FROM relmeta_access."Weird ""Name""" e
UNION ALL SELECT 'may', relmeta.principal_access('app."Weird ""Name"""', 1, 'u')::text
UNION ALL SELECT 'link', a::text FROM app.account_course a
UNION ALL SELECT 'policy', p::text FROM pg_policies p WHERE schemaname = 'app'
UNION ALL SELECT 'owner index', relation || ' ' || owner_index FROM relmeta.registered_table WHERE owner_index IS NOT NULL
ORDER BY 1, 2
};
my $expected = $old->safe_psql('original', $facts);
like($expected, qr/^stored\|.*,d,.*^stored below\|.*,d,/ms, 'entries are there before');
$old->stop;

chdir $PostgreSQL::Test::Utils::tmp_check;
my ($out, $err);
my $rc = IPC::Run::run([ "$new_bindir/pg_upgrade", '--no-sync', '-b', $old_bindir, '-B', $new_bindir,
	'-d', $old->data_dir, '-D', $new->data_dir, '-p', $old->port, '-P', $new->port, '-s', $new->host ],
	'>', \$out, '2>', \$err);
ok($rc, 'pg_upgrade succeeds') or diag("$out\n$err");

$new->start;
is($new->safe_psql('original', $facts), $expected, 'everything is there');
is($new->safe_psql('original', 'SELECT * FROM relmeta.verify()'), '', 'nothing is wrong');
is($new->safe_psql('original', q{
	SELECT relmeta.share('app.account', 2, 'v', '{read}'), relmeta.modify_share('app.account', 1, 'crew', '{write}');
	SELECT relmeta.principal_access('app."Weird ""Name"""', 1, 'crew');
	SELECT relmeta.unshare('app.account', 2, 'v'), relmeta.unshare('app.account', 1, 'crew');
	SELECT relation, object_key, principal, access_rights_mask FROM relmeta.principal_object_access;
}), qq(1|2\n{write}\n1|2\napp."Weird ""Name"""|1|v|65536), 'rows are shared, and no longer shared');
is($new->safe_psql('original', q{
	SET ROLE upgrade_owner; SET search_path = app;
	UPDATE account SET owner_id = 'v' WHERE id = 1;
	SELECT owner_id FROM "Weird ""Name""";
}), 'v', 'an assign cascades');
is($new->safe_psql('original', q{
	SET ROLE upgrade_owner; SET search_path = app;
	DELETE FROM account WHERE id = 1;
	SELECT (SELECT count(*) FROM "Weird ""Name"""), (SELECT count(*) FROM task),
		(SELECT count(*) FROM account_course);
}), '0|0|0', 'a delete cascades');
is($new->safe_psql('original', q{
	SET ROLE upgrade_owner; SET search_path = app;
	CREATE TABLE missing (id int PRIMARY KEY);
	SELECT is_pending FROM relmeta.many_to_many WHERE name = 'waits';
}), 'f', 'the pending relationship is completed');
is($new->safe_psql('original', 'SELECT relmeta.repair(); SELECT * FROM relmeta.verify()'), '0',
	'there is nothing to repair');
is($new->safe_psql('original', q{
	SET ROLE upgrade_owner; SET search_path = app;
	ALTER TABLE "Weird ""Name""" DROP COLUMN account_id;
	SELECT count(*) FROM relmeta.one_to_many WHERE lookup_column = 'account_id';
}), '0', 'after repair() a lookup can be dropped without CASCADE');

is($new->safe_psql('original', q{
	SET ROLE upgrade_owner;
	SELECT FROM (SELECT relmeta.disable_access_control(relation) FROM relmeta.tables WHERE access_control) AS d;
	SELECT count(*) FROM pg_indexes WHERE schemaname = 'app' AND indexdef LIKE '%(owner_id)';
}) =~ s/^\s+//r, '0', 'the owner indexes go');

$new->stop;
done_testing();
