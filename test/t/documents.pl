# documents: what export_metadata() writes, import_metadata(create_tables => true) makes again in a database that has the same
# types and procedures and nothing else: the next export is the same byte for byte, and the model works as the first does.
use strict;
use warnings;

BEGIN
{
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('documents');
$node->init;
$node->start;

# types that owners, states and attributes are of, and procedures
my $given = q{
CREATE EXTENSION relmeta;
CREATE SCHEMA "odd schema";
CREATE TYPE "odd schema".stage AS ENUM ('open', 'it''s "won"', 'lost');
CREATE DOMAIN "odd schema".code AS varchar(12);
CREATE TABLE "odd schema".called (relation regclass, key text);
CREATE PROCEDURE "odd schema"."note (%s)"(relation regclass, key text) LANGUAGE sql AS 'INSERT INTO "odd schema".called VALUES (relation, key)';
};
$node->safe_psql('postgres', "CREATE DATABASE $_") foreach qw(original copy);
$node->safe_psql($_, $given) foreach qw(original copy);
$node->safe_psql('original', q{
SET search_path = "odd schema";
CREATE SCHEMA plain;
CREATE TABLE account (gone int, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id text, state stage DEFAULT 'it''s "won"',
	parent_id int, phone varchar(20), secret text);
ALTER TABLE account DROP COLUMN gone;
CREATE TABLE "Weird ""Name""" ("Key $1" uuid DEFAULT gen_random_uuid() PRIMARY KEY, "Owner" text, account_id int NOT NULL, task_id int UNIQUE,
	"Phone" text);
CREATE TABLE task (id serial, owner_id text, active boolean DEFAULT true, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE task_1 PARTITION OF task FOR VALUES FROM (0) TO (10);
CREATE TABLE plain.course (id bigint PRIMARY KEY, code code COLLATE "C");
CREATE TABLE plain.by_number (id int PRIMARY KEY, owner_id numeric(20));
CREATE TABLE "two
lines; -- 日本 'q' \\ {}$$" ("select" text PRIMARY KEY, "a.b" int, owner_id text);
CREATE TABLE "12345678901234567890123456789012345678901234567890123456789äö" (id int PRIMARY KEY);
CREATE TABLE junction (a int REFERENCES account ON DELETE CASCADE, c bigint REFERENCES plain.course, weight real, PRIMARY KEY (a, c));
SELECT relmeta.register_table('account', 'owner_id', 'state', '{"it''s \"won\"",open}', 'lost', default_owner => true),
	relmeta.register_table('"Weird ""Name"""', 'Owner'),
	relmeta.register_table('task', 'owner_id', 'active'), relmeta.register_table('plain.by_number', 'owner_id', is_system => true);
SELECT relmeta.create_one_to_many('account', '"Weird ""Name"""', 'account_id', preset => 'parental'),
	relmeta.create_one_to_many('account', 'account', 'parent_id', 'tree %s $1 "', preset => 'parental', is_hierarchical => true),
	relmeta.create_one_to_many('task', '"Weird ""Name"""', 'task_id', delete => 'restrict', foreign_key => false),
	relmeta.create_multi_table_lookup('task', 'about_id', '{account,task}', type_values => '{A,T}', delete => 'all');
SELECT relmeta.register_table(E'"two\nlines; -- 日本 ''q'' \\\\ {}$$"', 'owner_id'),
	relmeta.create_one_to_many('account', E'"two\nlines; -- 日本 ''q'' \\\\ {}$$"', 'a.b'),
	relmeta.create_one_to_many('"12345678901234567890123456789012345678901234567890123456789äö"', 'account', 'long id', preset => 'referential_restrict');
SELECT relmeta.map_column('account_Weird "Name"', 'phone', 'Phone');
SELECT relmeta.create_many_to_many('account', 'plain.course', attributes => 'grade text DEFAULT ''A'', at timestamptz NOT NULL DEFAULT now(), s stage'),
	relmeta.create_many_to_many('account', 'account', 'knows', 'knows', is_symmetric => true, allow_self => false),
	relmeta.create_many_to_many('account', 'plain.course', 'sale', 'plain.sale', surrogate_key => true, allow_duplicates => true),
	relmeta.create_many_to_many('account', 'plain.course', 'term', 'term', attributes => 'term code', unique_by => '{term}'),
	relmeta.adopt_many_to_many('junction'),
	relmeta.create_many_to_many('account', 'missing', 'waits', attributes => 'n stage'),
	relmeta.create_many_to_many('nowhere.a', 'nowhere.b', 'waits for both');
SELECT relmeta.register_table('plain.sale');
SELECT relmeta.create_many_to_many('plain.sale', 'task', 'of links');
SELECT relmeta.create_one_to_many('plain.sale', 'task', 'sale_id');
SELECT relmeta.set_menu('account_Weird "Name"', 1, 'label', 'Names; "odd"', 'Group', 7), relmeta.set_menu('knows', 2, 'none'),
	relmeta.set_menu('junction', 1);
SELECT relmeta.create_connection_role('b "one"', 'kind', '{account,task}', 'words'), relmeta.create_connection_role('a'),
	relmeta.create_connection_role('c', tables => '{task}');
SELECT relmeta.match_connection_roles('c', 'b "one"'), relmeta.match_connection_roles('b "one"', 'b "one"'), relmeta.match_connection_roles('a', 'c');
SELECT relmeta.create_automation('when it changes', 'account', '"note (%s)"(regclass,text)');
SELECT relmeta.enable_access_control('account', true, '{read,append_to}'), relmeta.enable_access_control('task');
SELECT relmeta.share('account', 1, 'nobody') WHERE false;
});

my $document = $node->safe_psql('original', 'SELECT relmeta.export_metadata()');
my $pretty   = $node->safe_psql('original', 'SELECT jsonb_pretty(relmeta.export_metadata())');
$node->safe_psql('copy', "SELECT * FROM relmeta.import_metadata(\$doc\$$document\$doc\$, create_tables => true)");
# whatever a document can hold is in this one
my %holds = (
	'tables' => '$.tables[*] ? (@.registered == true)',
	'columns' => '$.tables[*].columns[*] ? (@.generated == "uuid")',
	'access control' => '$.tables[*].access_control ? (@.force == false || @.everyone[*] == "read")',
	'states' => '$.tables[*] ? (@.active_states.size() == 2 && @.inactive_state == "lost")',
	'default owners' => '$.tables[*].default_owner ? (@ == true)',
	'relationships' => '$.relationships[*].behaviors ? (@.delete == "restrict")',
	'hierarchies' => '$.relationships[*] ? (@.is_hierarchical == true)',
	'lookups to several tables' => '$.relationships[*] ? (@.type_value == "A")',
	'mappings' => '$.relationships[*].mappings[*] ? (@.target_column == "Phone")',
	'menus of relationships' => '$.relationships[*].menus[*] ? (@.menu_order == 7)',
	'menus of N:N' => '$.many_to_many[*].menus[*] ? (@.display == "none")',
	'N:N with attributes' => '$.many_to_many[*] ? (@.attributes starts with "grade" && @.is_pending == false)',
	'pending N:N' => '$.many_to_many[*] ? (@.is_pending == true && @.name == "waits for both")',
	'adopted N:N' => '$.many_to_many[*] ? (@.is_adopted == true)',
	'automations' => '$.automations[*].procedure',
	'roles' => '$.connection_roles[*] ? (@.tables.size() == 2)',
	'matches' => '$.connection_role_matches[*].role1',
	'a table name of two lines' => '$.tables[*].name ? (@ like_regex "\n")',
	'a table name of 63 bytes' => '$.tables[*].name ? (@ like_regex "äö")',
);
is($node->safe_psql('original', "SET client_encoding = utf8; SELECT jsonb_path_exists(relmeta.export_metadata(), \$path\$$holds{$_}\$path\$)"), 't', "there are $_")
	foreach sort keys %holds;
is($node->safe_psql('copy', 'SELECT jsonb_pretty(relmeta.export_metadata())'), $pretty, 'the copy exports the same document');
my $verify = q{SELECT * FROM relmeta.verify()};
is($node->safe_psql('copy', $verify), $node->safe_psql('original', $verify), 'nothing is wrong with the copy');
is($node->safe_psql('copy', "SELECT action, count(*) FROM relmeta.import_metadata(\$doc\$$document\$doc\$, create_tables => true) GROUP BY 1"),
	$node->safe_psql('original', "SELECT action, count(*) FROM relmeta.import_metadata(\$doc\$$document\$doc\$, create_tables => true) GROUP BY 1"),
	'everything is there, in both');
unlike($node->safe_psql('copy', "SELECT string_agg(action, ',') FROM relmeta.import_metadata(\$doc\$$document\$doc\$, create_tables => true)"),
	qr/created|changed/, 'a second import does nothing');

# the copy's own document makes the same once more
my $again = $node->safe_psql('copy', 'SELECT relmeta.export_metadata()');
is($again, $document, 'byte for byte');
$node->safe_psql('postgres', 'CREATE DATABASE second');
$node->safe_psql('second', $given);
$node->safe_psql('second', "SELECT * FROM relmeta.import_metadata(\$doc\$$again\$doc\$, create_tables => true)");
is($node->safe_psql('second', 'SELECT relmeta.export_metadata()'), $document, 'a copy of the copy exports the same document');
is($node->safe_psql('second', $verify), $node->safe_psql('original', $verify), 'nothing is wrong with it');

#
# It works as the original does.
#
my $try = q{
SET client_min_messages = warning;
SET search_path = "odd schema";
SELECT relmeta.create_user('u'), relmeta.create_user('v'), relmeta.create_user('7');
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (owner_id) VALUES ('u'), ('u');
SELECT relmeta.activate_automation('when it changes', 2);
UPDATE account SET parent_id = 1, phone = '555' WHERE id = 2;
INSERT INTO "Weird ""Name""" ("Owner", account_id) VALUES ('u', 2);
INSERT INTO task (owner_id, about_id, about_type) VALUES ('v', 1, 'A');
SELECT * FROM called;
SELECT relmeta.connect('account', 1, 'task', 1, role2 => 'c');
SELECT role, other_role FROM relmeta.connections('account', 1);
SELECT relmeta.assign('account', 1, 'v');
SELECT state, owner_id FROM account ORDER BY id;
SELECT relmeta.initialize_from('account_Weird "Name"', 2) ->> 'Phone';
INSERT INTO plain.course VALUES (1);
SELECT relmeta.associate('knows', 2, 1), relmeta.associate('sale', 1, 1), relmeta.associate('sale', 1, 1), relmeta.associate('junction', 1, 1),
	relmeta.associate('account_course', 1, 1);
SELECT grade, at IS NULL FROM account_course;
CREATE TABLE missing (id int PRIMARY KEY);
SELECT is_pending FROM relmeta.many_to_many WHERE name = 'waits';
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid IN ('account'::regclass, 'task'::regclass) ORDER BY relname;
SELECT everyone FROM relmeta.tables WHERE relation = 'account'::regclass;
DELETE FROM account WHERE id = 1;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
SELECT count(*) FROM task;
};
is($node->safe_psql('copy', $try), $node->safe_psql('original', $try), 'the copy behaves as the original');

#
# A dump that has left a table out loses what is declared; the document brings it back.
#
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('original'), '-f', $dump, '--exclude-table-data=relmeta.*' ], 'dumped without what is declared');
$node->safe_psql('postgres', 'CREATE DATABASE back');
system('psql', '-Xq', '-o', '/dev/null', '-d', $node->connstr('back'), '-c', 'SET client_min_messages = error', '-f', $dump);
$document = $node->safe_psql('original', 'SELECT relmeta.export_metadata()');
unlike($node->safe_psql('back', 'SELECT relmeta.export_metadata()'), qr/account/, 'nothing is declared in it');
$node->safe_psql('back', q{SELECT relmeta.create_user(u) FROM unnest('{u,v,7}'::text[]) AS u});
$node->safe_psql('back', "SELECT * FROM relmeta.import_metadata(\$doc\$$document\$doc\$)");
is($node->safe_psql('back', 'SELECT relmeta.export_metadata()'), $document, 'all is declared again');
is($node->safe_psql('back', $verify), $node->safe_psql('original', $verify), 'nothing is wrong with it');

done_testing();
