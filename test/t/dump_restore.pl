# dump_restore: what pg_dump writes, in every form, restores without an error into a fresh cluster, and behaves there.
#
# From the same version, unless RELMETA_OLD_BINDIR and RELMETA_OLD_CONF name another major's, as for pg_upgrade.pl.
use strict;
use warnings;

BEGIN
{
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use IPC::Run ();
use Test::More;

my @install_path = $ENV{RELMETA_OLD_BINDIR} ? (install_path => $ENV{RELMETA_OLD_BINDIR} =~ s!/bin$!!r) : ();
my $source = PostgreSQL::Test::Cluster->new('source', @install_path);
{
	local $ENV{TEMP_CONFIG} = $ENV{RELMETA_OLD_CONF} // $ENV{TEMP_CONFIG};
	$source->init;
}
$source->start;
my $target = PostgreSQL::Test::Cluster->new('target');
$target->init;
$target->start;

#
# A database with everything: odd names, partitions, every kind of relationship, entries, a pending relationship.
#
$source->safe_psql('postgres', q{
CREATE ROLE dump_owner;
CREATE ROLE dump_other;
CREATE ROLE dump_user LOGIN;
CREATE ROLE dump_none LOGIN;
CREATE DATABASE original;
});
$source->safe_psql('original', q{
CREATE EXTENSION relmeta;
CREATE SCHEMA "odd schema" AUTHORIZATION dump_owner;
GRANT ALL ON SCHEMA "odd schema" TO dump_other;
SELECT relmeta.create_user('u', 'dump_user'), relmeta.create_user('v'), relmeta.create_team('crew');
SELECT relmeta.create_user('none', 'dump_none');
SELECT relmeta.create_user('007'), relmeta.create_user('1.50');
SELECT relmeta.add_team_member('crew', 'u');
SET ROLE dump_owner;
SET search_path = "odd schema";
CREATE TABLE account (gone int, id int PRIMARY KEY, owner_id text, state int, parent_id int);
ALTER TABLE account DROP COLUMN gone;
CREATE TABLE "Weird ""Name""" ("Key $1" uuid PRIMARY KEY, "Owner" text, account_id int, task_id int);
CREATE TABLE task (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE task_1 PARTITION OF task FOR VALUES FROM (0) TO (10);
CREATE TABLE task_2 (owner_id text, id int NOT NULL);
ALTER TABLE task ATTACH PARTITION task_2 FOR VALUES FROM (10) TO (20);
SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('"Weird ""Name"""', 'Owner'),
	relmeta.register_table('task', 'owner_id');
SELECT relmeta.create_one_to_many('account', '"Weird ""Name"""', 'account_id', preset => 'parental'),
	relmeta.create_one_to_many('account', 'account', 'parent_id', preset => 'parental', is_hierarchical => true),
	relmeta.create_one_to_many('task', '"Weird ""Name"""', 'task_id', delete => 'restrict', foreign_key => false),
	relmeta.create_multi_table_lookup('task', 'about_id', '{account}', delete => 'all');
CREATE TABLE course (id bigint PRIMARY KEY);
CREATE TABLE by_number (id int PRIMARY KEY, owner_id numeric);
SELECT relmeta.register_table('by_number', 'owner_id');
INSERT INTO by_number VALUES (1, 7), (2, 1.5);
CREATE TABLE junction (a int REFERENCES account ON DELETE CASCADE, c bigint REFERENCES course, PRIMARY KEY (a, c));
SELECT relmeta.create_many_to_many('account', 'course', attributes => 'grade text DEFAULT ''A'''),
	relmeta.create_many_to_many('account', 'account', 'knows', 'knows', is_symmetric => true, allow_self => false),
	relmeta.create_many_to_many('account', 'course', 'sale', 'sale', surrogate_key => true, allow_duplicates => true),
	relmeta.adopt_many_to_many('junction'),
	relmeta.create_many_to_many('account', 'missing', 'waits', attributes => 'n int');
SELECT relmeta.alter_many_to_many('sale', 'price numeric');
INSERT INTO account VALUES (1, 'u', 0, NULL), (2, 'u', 0, 1);
INSERT INTO task VALUES (1, 'u', 1, 'account'), (11, 'v', NULL, NULL);
INSERT INTO "Weird ""Name""" VALUES ('00000000-0000-0000-0000-000000000001', 'u', 2, 11);
INSERT INTO course VALUES (7), (8);
SELECT relmeta.associate('account_course', 1, ARRAY[7, 8]), relmeta.associate('knows', 2, 1),
	relmeta.associate('sale', 1, 7), relmeta.associate('junction', 1, 7);
INSERT INTO account VALUES (30, 'u', 0, NULL), (40, 'u', 0, NULL);
SELECT count(*) FROM relmeta.merge('account', 30, 40);
CREATE FUNCTION changed(relation regclass, key text) RETURNS void LANGUAGE plpgsql
	AS $$ BEGIN RAISE NOTICE 'changed % %', relation, key; END $$;
SELECT relmeta.create_automation('on "change"', 'account', 'changed(regclass, text)');
SELECT relmeta.activate_automation('on "change"', 40);
SELECT relmeta.map_column(name, 'owner_id', 'Owner') FROM relmeta.one_to_many WHERE lookup_column = 'account_id';
SELECT relmeta.set_menu('account_course', 2, 'label', 'Takers', menu_order => 3), relmeta.set_menu(name, 1, 'none') FROM relmeta.one_to_many WHERE lookup_column = 'account_id';
SELECT relmeta.create_connection_role('boss', 'work', '{account,task}'), relmeta.create_connection_role('hand', 'work', ARRAY['"Weird ""Name"""'::regclass]);
SELECT relmeta.match_connection_roles('hand', 'boss');
SELECT relmeta.connect('account', 1, '"Weird ""Name"""', '00000000-0000-0000-0000-000000000001', 'boss', effective_start => '2020-01-01');
RESET ROLE;
SELECT relmeta.share('"odd schema".account', 1, 'crew', '{read,write}'), relmeta.share('"odd schema".task', 11, 'u', '{read}');
SELECT relmeta.modify_share('"odd schema".account', 1, 'crew', '{read,share}');
SET ROLE dump_owner;
SELECT relmeta.enable_access_control(t) FROM unnest('{account,"\"Weird \"\"Name\"\"\"",task}'::regclass[]) AS t;
ALTER INDEX account_owner_id_idx RENAME TO "Odd ""Index""";
GRANT USAGE ON SCHEMA "odd schema" TO dump_user, dump_none;
GRANT SELECT, INSERT, DELETE ON account, task, account_course, knows, sale, junction TO dump_user, dump_none;
});

#
# What holds in the source holds in what was restored.
#
my $facts = q{
SET search_path = "odd schema";
SELECT 'table', t::text FROM relmeta.tables t
UNION ALL SELECT 'relationship', r::text FROM relmeta.one_to_many r
UNION ALL SELECT 'links', m::text FROM relmeta.many_to_many m
UNION ALL SELECT 'principal', p::text FROM relmeta.principals p
UNION ALL SELECT 'mapping', m::text FROM relmeta.mappings m
UNION ALL SELECT 'menu', m::text FROM relmeta.menus m
UNION ALL SELECT 'connection role', r::text FROM relmeta.connection_roles r
UNION ALL SELECT 'connection', c::text FROM relmeta.connection c
UNION ALL SELECT 'connected', c::text FROM relmeta.connections('account', 1) c
UNION ALL SELECT 'value', v::text FROM relmeta.principal_value v
UNION ALL SELECT 'type', t::text FROM relmeta.principal_type t
UNION ALL SELECT 'account', a::text FROM account a
UNION ALL SELECT 'task', a::text FROM task a
UNION ALL SELECT 'weird', a::text FROM "Weird ""Name""" a
UNION ALL SELECT 'link', a::text FROM account_course a
UNION ALL SELECT 'entry', e::text FROM relmeta.principal_object_access e
UNION ALL SELECT 'stored', 'account' || e::text FROM relmeta_access.account e
UNION ALL SELECT 'stored', 'weird' || e::text FROM relmeta_access."Weird ""Name""" e
UNION ALL SELECT 'stored', 'task' || e::text FROM relmeta_access.task e
UNION ALL SELECT 'may', id || relmeta.principal_access('account', id, 'u')::text FROM account
UNION ALL SELECT 'has', id || relmeta.has_access('account', id, a, p)::text
	FROM account, unnest('{read,write}'::text[]) a, unnest('{u,v,crew,none}'::text[]) p
UNION ALL SELECT 'policy', p::text FROM pg_policies p WHERE schemaname = 'odd schema'
UNION ALL SELECT 'security', relname || relrowsecurity || relforcerowsecurity FROM pg_class
	WHERE relnamespace = '"odd schema"'::regnamespace AND relkind IN ('r', 'p')
UNION ALL SELECT 'owner index', relation || ' ' || owner_index FROM relmeta.registered_table
	WHERE owner_index IS NOT NULL
UNION ALL SELECT 'merge', m::text FROM relmeta.merge m
UNION ALL SELECT 'merged', relmeta.merged_into('account', 40)
UNION ALL SELECT 'automation', a::text FROM relmeta.automation a
UNION ALL SELECT 'active', r::text FROM relmeta.automation_row r
UNION ALL SELECT 'trigger', pg_get_triggerdef(t.oid) || tgenabled::text FROM pg_trigger t
	JOIN pg_proc p ON p.oid = tgfoid
	WHERE pronamespace = 'relmeta'::regnamespace AND tgrelid::regclass::text !~ '^relmeta'
UNION ALL SELECT 'always', tgrelid::regclass || tgenabled::text FROM pg_trigger WHERE tgname = 'relmeta_changed'
UNION ALL SELECT 'constraint', conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
	WHERE connamespace = '"odd schema"'::regnamespace AND contype <> 'n'	-- from 18 on NOT NULL is one, too
ORDER BY 1, 2;
};
my $expected = $source->safe_psql('original', $facts);
like($expected, qr/^stored\|account\(.*,d,.*^stored\|weird/ms, 'access is shared in the source, and inherited');

is(join(' ', $expected =~ /^owner index\|(.*)$/mg),
	'"Weird ""Name""" Weird "Name"_Owner_idx account Odd "Index" task task_owner_id_idx', 'the source has owner indexes');

# What two users see of rows and links, the second of whom holds nothing.
sub seen
{
	my ($node, $db) = @_;

	return join ' ', map { $node->safe_psql($db, qq{SET SESSION AUTHORIZATION $_; SET search_path = "odd schema";
		SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM task), (SELECT count(*) FROM account_course),
			(SELECT count(*) FROM knows), (SELECT count(*) FROM sale), (SELECT count(*) FROM junction)}) }
		qw(dump_user dump_none);
}

# What the second may do with links
sub changes
{
	my ($db) = @_;
	my (undef, $out, $err) = $target->psql($db, q{
		\set VERBOSITY sqlstate
		SET SESSION AUTHORIZATION dump_none; SET search_path = "odd schema";
		INSERT INTO knows VALUES (1, 30);
		INSERT INTO account_course VALUES (2, 7);
		INSERT INTO junction VALUES (2, 7);
		WITH d AS (DELETE FROM account_course RETURNING 1) SELECT count(*) FROM d;
	}, on_error_stop => 0);

	return join ' ', $err =~ /ERROR:  (\w+)/g, $out;
}

is(seen($source, 'original'), '4|2|2|1|1|1 0|0|0|0|0|0', 'access is controlled in the source');

sub behaves
{
	my ($db, $how) = @_;

	is($target->safe_psql($db, 'SELECT * FROM relmeta.verify()'), '', "$how: nothing is wrong");
	is($target->safe_psql($db, $facts), $expected, "$how: everything is there");
	is(seen($target, $db), seen($source, 'original'), "$how: access is controlled");
	is(changes($db), '42501 42501 42501 0', "$how: links are controlled");
	is($target->safe_psql($db, q{
		SELECT relmeta.share('"odd schema".account', 1, 'v', '{read}'), relmeta.unshare('"odd schema".account', 1, 'crew');
		SELECT string_agg(concat_ws(' ', relation, object_key, principal, access_rights_mask,
			inherited_access_rights_mask), ', ' ORDER BY relation::text, object_key)
		FROM relmeta.principal_object_access WHERE principal IN ('v', 'crew');
		SELECT relmeta.unshare('"odd schema".account', 1, 'v');
	}), qq(3|3\n"odd schema"."Weird ""Name""" 00000000-0000-0000-0000-000000000001 v 0 1, "odd schema".account 1 v 1 0, )
		. qq("odd schema".account 2 v 0 1\n3), "$how: rows are shared, and no longer shared");
	is($target->safe_psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema";
		UPDATE account SET owner_id = 'v' WHERE id = 1;
		SELECT string_agg("Owner", ',') FROM "Weird ""Name""";
	}), 'v', "$how: an assign cascades");
	my (undef, undef, $called) = $target->psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema";
		UPDATE account SET state = state WHERE id >= 30;
	});
	like($called, qr/NOTICE:  changed account 40$/, "$how: an automation is called");
	my ($rc, $out, $err) = $target->psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema";
		\set VERBOSITY sqlstate
		DELETE FROM task WHERE id = 11;
		INSERT INTO task VALUES (2, NULL, 99, 'account');
		UPDATE account SET parent_id = 2 WHERE id = 1;
		INSERT INTO knows VALUES (1, 2);
		INSERT INTO by_number VALUES (3, 8);
		UPDATE account_course SET account_id = 2;
		ALTER TABLE account_course ADD COLUMN x int;
		ALTER TABLE account DROP COLUMN id CASCADE;
		INSERT INTO account VALUES (3, 'nobody');
		RESET ROLE;
		SELECT relmeta.create_user('1.5');
	}, on_error_stop => 0);
	is(join(' ', $err =~ /ERROR:  (\w+)/g),
		'23001 23503 23514 23505 23503 0A000 0A000 55000 23503 23505', "$how: what is refused is refused");
	is($target->safe_psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema";
		DELETE FROM "Weird ""Name""";
		DELETE FROM account WHERE id = 1;
		SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM task), (SELECT count(*) FROM account_course);
	}), '2|1|0', "$how: a delete cascades");
	is($target->safe_psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema";
		CREATE TABLE missing (id int PRIMARY KEY);
		INSERT INTO missing VALUES (1); INSERT INTO account VALUES (1);
		SELECT relmeta.associate('waits', 1, 1, '{"n": 3}');
	}), '1', "$how: the pending relationship is completed");
	is($target->safe_psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema";
		ALTER TABLE "Weird ""Name""" DROP COLUMN account_id;
		DROP TABLE course CASCADE;
		SELECT (SELECT count(*) FROM relmeta.one_to_many WHERE lookup_column = 'account_id'),
			(SELECT count(*) FROM relmeta.verify());
	}), '0|0', "$how: metadata follows DDL");
	is($target->safe_psql($db, q{
		SET ROLE dump_owner; SET search_path = "odd schema"; SET client_min_messages = warning;
		ALTER INDEX task_owner_id_idx RENAME TO other;
		SELECT FROM (SELECT relmeta.disable_access_control(relation) FROM relmeta.tables WHERE access_control) AS d;
		SELECT c.oid::regclass FROM pg_index i JOIN pg_class c ON c.oid = indexrelid
			WHERE indrelid IN ('account'::regclass, 'task'::regclass, '"Weird ""Name"""'::regclass)
			AND NOT indisunique ORDER BY relname COLLATE "C";
		SELECT count(*) FROM pg_policies WHERE schemaname = 'odd schema';
	}), qq("Weird ""Name""_task_id_idx"\naccount_parent_id_idx\ntask_about_id_about_type_idx\n0), "$how: what enable_access_control() made goes");
}

#
# Every form of dump.
#
my $dir = PostgreSQL::Test::Utils::tempdir();
my @from = ('-h', $source->host, '-p', $source->port);
my @to   = ('-h', $target->host, '-p', $target->port);

my @psql = ('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', @to);

sub run_quietly
{
	my ($name, @command) = @_;
	my ($out, $err) = PostgreSQL::Test::Utils::run_command(\@command);
	unlike($err, qr/ERROR|error:|FATAL/, "$name: no error") or diag($err);
}

run_quietly('globals', 'pg_dumpall', @from, '--globals-only', '--no-role-passwords', '-f', "$dir/globals.sql");
run_quietly('roles', @psql, '-d', 'postgres', '-c', 'CREATE ROLE dump_owner', '-c', 'CREATE ROLE dump_other',
	'-c', 'CREATE ROLE dump_user LOGIN', '-c', 'CREATE ROLE dump_none LOGIN');

my @dumps = (
	['plain', ['--no-sync', '-f', "$dir/plain.sql"],
		[@psql, '-f', "$dir/plain.sql", '-d']],
	['plain in one transaction', ['--no-sync', '-f', "$dir/single.sql"],
		[@psql, '-1', '-f', "$dir/single.sql", '-d']],
	['clean', ['--no-sync', '--clean', '--if-exists', '-f', "$dir/clean.sql"],
		[@psql, '-f', "$dir/clean.sql", '-d']],
	['inserts', ['--no-sync', '--column-inserts', '-f', "$dir/inserts.sql"],
		[@psql, '-f', "$dir/inserts.sql", '-d']],
	['custom', ['--no-sync', '-Fc', '-f', "$dir/custom"], ['pg_restore', '-e', @to, "$dir/custom", '-d']],
	['custom, parallel', ['--no-sync', '-Fc', '-f', "$dir/custom2"],
		['pg_restore', '-e', '-j', '2', @to, "$dir/custom2", '-d']],
	['custom in one transaction', ['--no-sync', '-Fc', '-f', "$dir/custom1"],
		['pg_restore', '-1', @to, "$dir/custom1", '-d']],
	['directory, parallel', ['--no-sync', '-Fd', '-j', '2', '-f', "$dir/parallel"],
		['pg_restore', '-e', '-j', '2', @to, "$dir/parallel", '-d']],
);
foreach my $i (0 .. $#dumps)
{
	my ($how, $dump, $restore) = @{ $dumps[$i] };
	my $db = "restored_$i";

	run_quietly("$how: dump", 'pg_dump', @from, @$dump, 'original');
	$target->safe_psql('postgres', "CREATE DATABASE $db");
	run_quietly("$how: restore", @$restore, $db);
	behaves($db, $how);
}

# In parallel, in whatever order: the tables that others' keys name are held until all others have their rows.
my $held = join ', ', map { "relmeta.$_" }
	qw(principal registered_table relationship intersect_relationship automation connection_role);
my $filled = join ' AND ', map { "EXISTS (SELECT FROM relmeta.$_)" }
	qw(principal_role team_member merge automation_row column_mapping menu connection_role_table connection_role_match
	connected_table connection);
$target->safe_psql('postgres', 'CREATE DATABASE any_order');
run_quietly('any order: restore before the data', 'pg_restore', '-e', @to, '--section=pre-data', '-d', 'any_order',
	"$dir/parallel");
my $holder = IPC::Run::start([ 'psql', '-XAtq', '-d', $target->connstr('any_order'), '-c', "DO \$\$ BEGIN
	LOCK TABLE $held IN SHARE MODE;
	FOR i IN 1 .. 1800 LOOP EXIT WHEN $filled; PERFORM pg_sleep(0.1); END LOOP; END \$\$" ], \'', \my $held_out, \my $held_err);
$target->poll_query_until('any_order', q{SELECT count(*) = 6 FROM pg_locks WHERE granted AND mode = 'ShareLock'
	AND relation::regclass::text ~ '^relmeta[.]'}) or die 'nobody holds them';
run_quietly('any order: restore of the data', 'pg_restore', '-e', '-j', '8', @to, '--section=data', '-d', 'any_order',
	"$dir/parallel");
$target->safe_psql('any_order', q{SELECT pg_terminate_backend(pid) FROM pg_locks WHERE granted AND mode = 'ShareLock'
	AND relation = 'relmeta.principal'::regclass});
$holder->finish;
run_quietly('any order: restore after the data', 'pg_restore', '-e', '-j', '4', @to, '--section=post-data', '-d',
	'any_order', "$dir/parallel");
behaves('any_order', 'any order');

# schema and data apart
run_quietly('in two: dump of the schema', 'pg_dump', @from, '--no-sync', '--schema-only', '-f', "$dir/schema.sql",
	'original');
run_quietly('in two: dump of the data', 'pg_dump', @from, '--no-sync', '--data-only', '--disable-triggers',
	'-f', "$dir/data.sql", 'original');
$target->safe_psql('postgres', 'CREATE DATABASE in_two');
run_quietly('in two: restore of the schema', @psql, '-d', 'in_two', '-f', "$dir/schema.sql");
run_quietly('in two: restore of the data', @psql, '-d', 'in_two', '-f', "$dir/data.sql");
behaves('in_two', 'in two');

# A dump that leaves out a registered table loses what was declared of all: verify() says so, and the dump has the way back.
run_quietly('left out: dump', 'pg_dump', @from, '--no-sync', '-Fc', '-T', '*."Weird ""Name"""', '-f', "$dir/left_out",
	'original');
$target->safe_psql('postgres', 'CREATE DATABASE left_out');
PostgreSQL::Test::Utils::run_command([ 'pg_restore', @to, '-d', 'left_out', "$dir/left_out" ]);
is($target->safe_psql('left_out', 'SELECT relation, repair FROM relmeta.verify() WHERE problem LIKE '
	. q{'is a trigger of relmeta%' ORDER BY relation::text}),
	join("\n", map { qq("odd schema".$_|SELECT relmeta.register_table('"odd schema".$_')) } qw(account by_number task)),
	'left out: verify() names the tables whose registration was lost');
$target->safe_psql('left_out', 'SELECT relmeta.repair()');
is(seen($target, 'left_out'), '0|0|0|0|0|0 0|0|0|0|0|0', 'left out: what was controlled is shown to nobody');
is(changes('left_out'), '42501 42501 42501 0', 'left out: nor are links made or deleted');
is($target->safe_psql('left_out', q{SELECT object, repair FROM relmeta.verify() WHERE problem LIKE '%was controlled%'
	ORDER BY object LIMIT 1}), qq(account_course|SELECT relmeta.register_table('"odd schema".account')),
	'left out: verify() names the ends of such links');
run_quietly('left out: what was declared', 'pg_restore', '--data-only', '-t', 'registered_table', '-t', 'relationship',
	'-f', "$dir/declared.sql", "$dir/left_out");
PostgreSQL::Test::Utils::append_to_file("$dir/back.sql",
	join '', grep { !/Weird/ } split /^/, PostgreSQL::Test::Utils::slurp_file("$dir/declared.sql"));
run_quietly('left out: the way back', @psql, '-d', 'left_out', '-f', "$dir/back.sql");
is($target->safe_psql('left_out', 'SELECT relation, object, problem, repair FROM relmeta.verify()'), '',
	'left out: all the others are as they were');
is(seen($target, 'left_out'), seen($source, 'original'), 'left out: and are seen as they were');

# So does a table of whomever that cannot be made anew: all is closed, and comes back without it; with --inserts it
# stays away alone.
$source->safe_psql('postgres', 'CREATE ROLE dump_eve; CREATE DATABASE hers TEMPLATE original');
$source->safe_psql('hers', q{
	CREATE SCHEMA eve AUTHORIZATION dump_eve;
	SET ROLE dump_eve; SET search_path = eve;
	CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
	CREATE TABLE hers (id int PRIMARY KEY, g int GENERATED ALWAYS AS (f(id)) STORED);
	SELECT relmeta.register_table('hers');
	ALTER FUNCTION f VOLATILE;
});
run_quietly('hers: dump', 'pg_dump', @from, '--no-sync', '-Fc', '-f', "$dir/hers", 'hers');
run_quietly('hers: dump as inserts', 'pg_dump', @from, '--no-sync', '-Fc', '--inserts', '-f', "$dir/hers_inserts", 'hers');
$target->safe_psql('postgres', 'CREATE ROLE dump_eve; CREATE DATABASE hers; CREATE DATABASE hers_inserts');
foreach my $db (qw(hers hers_inserts))
{
	my (undef, $err) = PostgreSQL::Test::Utils::run_command([ 'pg_restore', @to, '-d', $db, "$dir/$db" ]);
	like($err, qr/relation "eve.hers" does not exist/, "$db: the restore names the table");
}
$target->safe_psql('hers', 'SELECT relmeta.repair()');
is(seen($target, 'hers'), '0|0|0|0|0|0 0|0|0|0|0|0', 'hers: what was controlled is shown to nobody');
is(changes('hers'), '42501 42501 42501 0', 'hers: nor are links made or deleted');
run_quietly('hers: what was declared', 'pg_restore', '--data-only', '-t', 'registered_table', '-f', "$dir/hers.sql",
	"$dir/hers");
PostgreSQL::Test::Utils::append_to_file("$dir/hers_back.sql",
	join '', grep { !/eve[.]hers/ } split /^/, PostgreSQL::Test::Utils::slurp_file("$dir/hers.sql"));
run_quietly('hers: the way back', @psql, '-d', 'hers', '-f', "$dir/hers_back.sql");
foreach my $db (qw(hers hers_inserts))
{
	is($target->safe_psql($db, 'SELECT * FROM relmeta.verify()'), '', "$db: nothing is wrong without it");
	is($target->safe_psql($db, $facts), $expected, "$db: everything else is there");
	is(seen($target, $db), seen($source, 'original'), "$db: and is seen as it was");
}

# a dump of what was restored is the dump that it was restored from
sub normalized
{
	my ($file) = @_;
	my @lines = grep { !/^\\(un)?restrict/ && !/^--/ && /\S/ } split /\n/, PostgreSQL::Test::Utils::slurp_file($file);
	return join "\n", sort @lines;
}
$target->safe_psql('postgres', 'CREATE DATABASE again');
run_quietly('again: restore', @psql, '-d', 'again', '-f', "$dir/plain.sql");
run_quietly('again: dump', 'pg_dump', @to, '--no-sync', '-f', "$dir/again.sql", 'again');
is(normalized("$dir/again.sql"), normalized("$dir/plain.sql"), 'the dump of a restored dump is the same');

# over a living database: after DROP EXTENSION relmeta CASCADE (--clean itself stumbles over attached partitions' keys)
run_quietly('living: drop', @psql, '-d', 'again', '-c', 'DROP EXTENSION relmeta CASCADE',
	'-c', 'DROP TABLE "odd schema".task');
run_quietly('living: restore', @psql, '-d', 'again', '-f', "$dir/clean.sql");
behaves('again', 'living');

# So are a type of owners, and a table that was dropped while nobody was told.
$source->safe_psql('postgres', 'CREATE DATABASE dropped');
$source->safe_psql('dropped', q{
	CREATE EXTENSION relmeta;
	CREATE EXTENSION citext;
	CREATE TABLE t (id int PRIMARY KEY, owner_id citext);
	CREATE TABLE s (id int PRIMARY KEY);
	SELECT relmeta.create_user('a'), relmeta.create_user('b'), relmeta.register_table('t', 'owner_id'), relmeta.register_principals('s');
	SELECT relmeta.create_one_to_many('t', 's', 't_id'), relmeta.create_many_to_many('t', 's', 'linked');
	SET client_min_messages = error;
	ALTER TABLE t DROP COLUMN owner_id;
	DROP EXTENSION citext;
	ALTER EVENT TRIGGER relmeta_sql_drop DISABLE;
	DROP TABLE t CASCADE;
	DROP TABLE s, t_s;
});
is($source->safe_psql('dropped', 'SELECT (SELECT count(*) FROM relmeta.principal_type), (SELECT count(*) FROM relmeta.registered_table),
	(SELECT count(*) FROM relmeta.relationship), (SELECT count(*) FROM relmeta.principal_source),
	(SELECT count(*) FROM relmeta.intersect_relationship)'), '1|2|1|1|1',
	'dropped: there are such numbers');
run_quietly('dropped: dump', 'pg_dump', @from, '--no-sync', '-f', "$dir/dropped.sql", 'dropped');
$target->safe_psql('postgres', 'CREATE DATABASE dropped');
run_quietly('dropped: restore', @psql, '-d', 'dropped', '-f', "$dir/dropped.sql");
is($target->safe_psql('dropped', q{SELECT (SELECT count(*) FROM relmeta.principal_type), (SELECT count(*) FROM relmeta.registered_table),
	(SELECT count(*) FROM relmeta.relationship), (SELECT count(*) FROM relmeta.principal_source),
	(SELECT count(*) FROM relmeta.intersect_relationship), (SELECT count(*) FROM relmeta.principals),
	(SELECT count(*) FROM relmeta.principal_value WHERE type::text ~ '^[0-9]')}), '0|0|0|0|0|2|0', 'dropped: and none where it was restored');
is($target->safe_psql('dropped', 'SELECT * FROM relmeta.verify()'), '', 'dropped: nothing is wrong');

# A role that is gone is a number in the source, and there may be another role of that number where it is restored.
$source->safe_psql('postgres', 'CREATE ROLE dump_gone; CREATE DATABASE gone');
my $number = $source->safe_psql('gone', q{
	CREATE EXTENSION relmeta;
	GRANT CREATE ON SCHEMA public TO dump_gone;
	SELECT FROM relmeta.create_user('ceo', 'dump_gone');
	SET ROLE dump_gone;
	SET client_min_messages = error;
	SELECT FROM relmeta.create_many_to_many('here', 'there', 'waits');
	RESET ROLE;
	SELECT 'dump_gone'::regrole::oid;
	DROP OWNED BY dump_gone;
	DROP ROLE dump_gone;
	SELECT FROM relmeta.principals;
}) =~ s/\n.*//sr;
run_quietly('role gone: dump', 'pg_dump', @from, '--no-sync', '-f', "$dir/gone.sql", 'gone');
$target->safe_psql('postgres', qq{
	CREATE ROLE dump_mallory;
	SET allow_system_table_mods = on;
	UPDATE pg_authid SET oid = $number WHERE rolname = 'dump_mallory';
	CREATE DATABASE gone;
});
run_quietly('role gone: restore', @psql, '-d', 'gone', '-f', "$dir/gone.sql");
is($target->safe_psql('gone', q{
	SELECT * FROM relmeta.principals;
	SELECT name FROM relmeta.many_to_many;
	SET ROLE dump_mallory;
	SELECT relmeta.current_principal() IS NULL;
}), "ceo|user||{}\nt", 'role gone: the user and what it declared are nobody else\'s');

$source->stop;
$target->stop;
done_testing();
