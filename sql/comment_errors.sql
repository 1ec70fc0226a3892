-- What a COMMENT says of errors is so: an error that a function raises is named there, and one that is named is raised by some call.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
SET relmeta.job_workers = 0;
CREATE SCHEMA ce;
SET search_path = ce;
CREATE ROLE regress_ce_other;
GRANT USAGE ON SCHEMA ce TO regress_ce_other;
SELECT relmeta.create_user(u) FROM unnest('{ce_ann,ce_bob,7,7.0}'::text[]) AS u;
SELECT relmeta.create_team('ce_team');
CREATE TABLE firm (id int PRIMARY KEY, name text, owner_id text, state int DEFAULT 0, twice int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE person (id int PRIMARY KEY, name text, owner_id text, firm_id int, twice int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE badge (id int PRIMARY KEY, firm_id int UNIQUE);
CREATE TABLE mark (id int PRIMARY KEY);
CREATE TABLE sub (id int PRIMARY KEY);
CREATE TABLE numbered (id int PRIMARY KEY, owner_id bigint, up int);
CREATE TABLE looped (id int PRIMARY KEY, up int);
CREATE TABLE note (id int PRIMARY KEY, body text);
CREATE TABLE hidden (id int PRIMARY KEY);
CREATE TABLE texts (id text PRIMARY KEY);
CREATE TABLE guarded (id int PRIMARY KEY, owner_id text);
CREATE TABLE members (id int PRIMARY KEY);
CREATE TABLE membership (id int PRIMARY KEY, team text, member text);
SELECT relmeta.register_table('firm', 'owner_id', 'state'), relmeta.register_table('person', 'owner_id'), relmeta.register_table('mark'),
  relmeta.register_table('numbered', 'owner_id'), relmeta.register_table('hidden'), relmeta.register_table('texts'), relmeta.register_table('guarded', 'owner_id');
SELECT relmeta.create_one_to_many('firm', 'person', 'firm_id', preset => 'parental');
SELECT relmeta.create_one_to_many('firm', 'badge', 'firm_id');
SELECT relmeta.create_one_to_many('firm', 'note', 'firm_id', 'retyped');
SELECT relmeta.create_one_to_many('mark', 'sub', 'id', 'key_used', delete => 'all');
SELECT relmeta.create_one_to_many('numbered', 'numbered', 'up', 'above', is_hierarchical => true);
SELECT relmeta.create_one_to_many('looped', 'looped', 'up', is_hierarchical => true, rollup_view => 'all');
SELECT relmeta.create_many_to_many('firm', 'mark', 'marked', attributes => 'day date', unique_by => '{day}');
SELECT relmeta.create_many_to_many('firm', 'firm', 'friends', is_symmetric => true, allow_self => false);
SELECT relmeta.create_many_to_many('guarded', 'mark', 'guarding');
SELECT relmeta.create_many_to_many('firm', 'missing', 'pending');
INSERT INTO members VALUES (1), (2);
SELECT relmeta.register_principals('members');
INSERT INTO firm VALUES (1, 'a', 'ce_ann'), (2, 'b', 'ce_bob'), (3, 'c', 'ce_ann'), (4, 'd', 'ce_ann');
INSERT INTO badge VALUES (3, 3), (4, 4);
INSERT INTO person VALUES (10, 'p', 'ce_ann', 1);
INSERT INTO mark VALUES (5);
INSERT INTO texts VALUES ('x');
INSERT INTO guarded VALUES (1, 'ce_ann');
INSERT INTO numbered VALUES (1, 7), (2, 2);
INSERT INTO membership VALUES (1, 'ce_team', 'ce_bob');
SELECT relmeta.register_memberships('membership', 'team', 'member');
SET session_replication_role = replica;
INSERT INTO looped VALUES (1, 2), (2, 1);
RESET session_replication_role;
SELECT relmeta.associate('marked', 1, 5, '{"day": "2020-01-01"}');
SELECT relmeta.map_column('retyped', 'name', 'body');
ALTER TABLE note ALTER body TYPE int USING 0;
SELECT relmeta.enable_access_control('guarded');
CREATE FUNCTION watch(relation regclass, key text) RETURNS void LANGUAGE sql AS '';
SELECT relmeta.create_automation('watching', 'firm', 'watch(regclass, text)');
SELECT relmeta.create_connection_role('employer', NULL, '{firm}');
SELECT relmeta.connect('firm', 1, 'person', 10, effective_start => '2020-01-01') AS connection \gset
SELECT relmeta.reset_inherited_access('firm_person') AS job \gset
CALL relmeta.run_jobs();
-- tables that relmeta does not know
CREATE TABLE stranger (id int PRIMARY KEY, owner_id bigint);
CREATE TABLE spelled (id int PRIMARY KEY, owner_id numeric);
CREATE TABLE two_keys (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE half (id int PRIMARY KEY, about int, kind text);
CREATE TABLE pairs (a text, b text);
CREATE TABLE named (id text PRIMARY KEY);
CREATE TABLE aliases (id text PRIMARY KEY);
CREATE VIEW ce_view AS SELECT * FROM firm;
INSERT INTO stranger VALUES (1, 99);
INSERT INTO half VALUES (1, 77, NULL);
INSERT INTO pairs VALUES ('ce_ann', 'ce_bob');
INSERT INTO named VALUES ('ce_team');
INSERT INTO aliases VALUES ('007');
GRANT SELECT ON firm, person, mark, guarded, stranger TO regress_ce_other;
GRANT INSERT ON guarded TO regress_ce_other;
GRANT SELECT, INSERT ON guarded_mark TO regress_ce_other;

-- who calls (o: the tables' owner; p: he, acting as a principal; x: another role), the function, the statement
CREATE TABLE tried (who text, called text, statement text, state text);
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RAISE EXCEPTION USING ERRCODE = 'ZZ001';	-- undo it
EXCEPTION
  WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ001' THEN 'ok' ELSE SQLSTATE END;
END $$;
COPY tried (who, called, statement) FROM stdin;
o	add_team_member	SELECT relmeta.add_team_member('nobody', 'ce_ann')
o	add_team_member	SELECT relmeta.add_team_member('ce_ann', 'ce_bob')
o	add_team_member	SELECT relmeta.add_team_member('ce_team', 'ce_team')
o	add_team_member	SELECT relmeta.add_team_member(NULL, 'ce_bob')
o	adopt_many_to_many	SELECT relmeta.adopt_many_to_many('firm_mark')
o	adopt_many_to_many	SELECT relmeta.adopt_many_to_many('mark')
x	adopt_many_to_many	SELECT relmeta.adopt_many_to_many('firm_mark')
o	alter_column_type	SELECT relmeta.alter_column_type('stranger', 'id', 'text')
o	alter_column_type	SELECT relmeta.alter_column_type('firm', 'name', 'text')
o	alter_column_type	SELECT relmeta.alter_column_type('firm', 'nothing', 'text')
o	alter_column_type	SELECT relmeta.alter_column_type('firm', 'id', 'json')
o	alter_column_type	SELECT relmeta.alter_column_type('firm', 'owner_id', 'bigint')
o	alter_column_type	SELECT relmeta.alter_column_type('texts', 'id', 'bigint')
x	alter_column_type	SELECT relmeta.alter_column_type('firm', 'id', 'bigint')
o	alter_many_to_many	SELECT relmeta.alter_many_to_many('nothing')
o	alter_many_to_many	SELECT relmeta.alter_many_to_many('marked', 'firm_id int')
o	alter_many_to_many	SELECT relmeta.alter_many_to_many('marked', drop_attributes => '{nothing}')
o	alter_many_to_many	SELECT relmeta.alter_many_to_many('marked', drop_attributes => '{day}')
o	alter_many_to_many	SELECT relmeta.alter_many_to_many('marked', 'nothing')
x	alter_many_to_many	SELECT relmeta.alter_many_to_many('marked', 'more int')
o	act_as	SELECT relmeta.act_as('nobody')
o	act_as	SELECT relmeta.act_as(NULL)
o	act_as	SELECT relmeta.act_as('ce_ann', rights => '{nothing}')
o	assign	SELECT relmeta.assign('stranger', 1, 'ce_ann')
o	assign	SELECT relmeta.assign('mark', 5, 'ce_ann')
o	assign	SELECT relmeta.assign('firm', 1, 'nobody')
o	assign	SELECT relmeta.assign('numbered', 1, 'ce_ann')
o	assign	SELECT relmeta.assign('firm', 9, 'ce_ann')
o	assign	SELECT relmeta.assign('firm', 'x', 'ce_ann')
x	assign	SELECT relmeta.assign('firm', 1, 'ce_bob')
p	assign	SELECT relmeta.assign('firm', 2, 'ce_ann')
o	associate	SELECT relmeta.associate('nothing', 1, 5)
o	associate	SELECT relmeta.associate('pending', 1, 5)
o	associate	SELECT relmeta.associate('marked', 1, 6, '{"day": "2020-01-01"}')
o	associate	SELECT relmeta.associate('marked', 1, 'x')
o	associate	SELECT relmeta.associate('marked', 1, 5, '{"day": "2020-01-01"}')
o	associate	SELECT relmeta.associate('friends', 1, 1)
o	associate	SELECT relmeta.associate('marked', 1, 5, '{"nothing": 1}')
o	associate	SELECT relmeta.associate('marked', 1, 5, '[]')
x	associate	SELECT relmeta.associate('marked', 1, 5)
o	associated	SELECT relmeta.associated('nothing', 1)
o	associated	SELECT relmeta.associated('pending', 1)
o	associated	SELECT relmeta.associated('marked', 9)
o	associated	SELECT relmeta.associated('marked', 1, 3)
o	associated	SELECT relmeta.associated('marked', 'x')
x	associated	SELECT relmeta.associated('friends', 1)
o	associated_with_all	SELECT relmeta.associated_with_all('nothing', '{1}')
o	associated_with_all	SELECT relmeta.associated_with_all('pending', '{1}')
o	associated_with_all	SELECT relmeta.associated_with_all('marked', '{x}')
o	associated_with_all	SELECT relmeta.associated_with_all('marked', '{5}', 3)
x	associated_with_all	SELECT relmeta.associated_with_all('friends', '{1}')
o	cancel_job	SELECT relmeta.cancel_job(0)
o	cancel_job	SELECT relmeta.cancel_job(JOB)
x	cancel_job	SELECT relmeta.cancel_job(JOB)
o	connect	SELECT relmeta.connect('firm', 1, 'stranger', 1)
o	connect	SELECT relmeta.connect('firm', 1, 'person', 9)
o	connect	SELECT relmeta.connect('firm', 1, 'person', 10, 'nothing')
o	connect	SELECT relmeta.connect('firm', 1, 'firm', 1)
o	connect	SELECT relmeta.connect('firm', 1, 'person', 10, effective_start => '2020-01-02', effective_end => '2020-01-01')
o	connect	SELECT relmeta.connect('firm', 'x', 'person', 10)
x	connect	SELECT relmeta.connect('firm', 1, 'person', 10)
o	connections	SELECT relmeta.connections('stranger', 1)
o	connections	SELECT relmeta.connections('firm', 9)
o	connections	SELECT relmeta.connections('firm', 'x')
o	create_automation	SELECT relmeta.create_automation('watch', 'stranger', 'watch(regclass, text)')
o	create_automation	SELECT relmeta.create_automation('watching', 'firm', 'watch(regclass, text)')
o	create_automation	SELECT relmeta.create_automation('watch', 'firm', 'pg_catalog.pg_sleep(float8)')
x	create_automation	SELECT relmeta.create_automation('watch', 'firm', 'watch(regclass, text)')
o	activate_automation	SELECT relmeta.activate_automation('nothing', 1)
o	activate_automation	SELECT relmeta.activate_automation('watching', 9)
o	activate_automation	SELECT relmeta.activate_automation('watching', 'x')
x	activate_automation	SELECT relmeta.activate_automation('watching', 1)
o	deactivate_automation	SELECT relmeta.deactivate_automation('nothing', 1)
o	deactivate_automation	SELECT relmeta.deactivate_automation('watching', 9)
o	deactivate_automation	SELECT relmeta.deactivate_automation('watching', 'x')
x	deactivate_automation	SELECT relmeta.deactivate_automation('watching', 1)
o	drop_automation	SELECT relmeta.drop_automation('nothing')
x	drop_automation	SELECT relmeta.drop_automation('watching')
o	create_connection_role	SELECT relmeta.create_connection_role('employer')
o	create_connection_role	SELECT relmeta.create_connection_role('other', NULL, '{stranger}')
o	create_connection_role	SELECT relmeta.create_connection_role('other', NULL, '{}')
x	create_connection_role	SELECT relmeta.create_connection_role('other')
o	match_connection_roles	SELECT relmeta.match_connection_roles('employer', 'nothing')
x	match_connection_roles	SELECT relmeta.match_connection_roles('employer', 'employer')
o	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'mark', 'marked')
o	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'mark', 'other', attributes => 'nothing')
o	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'mark', 'other', unique_by => '{nothing}')
o	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'mark', 'other', is_symmetric => true)
o	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'two_keys', 'other')
o	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'ce_view', 'other')
x	create_many_to_many	SELECT relmeta.create_many_to_many('firm', 'mark', 'other')
o	create_multi_table_lookup	SELECT relmeta.create_multi_table_lookup('person', 'about', '{firm,mark}', type_values => '{a}')
o	create_multi_table_lookup	SELECT relmeta.create_multi_table_lookup('person', 'about', '{}')
o	create_multi_table_lookup	SELECT relmeta.create_multi_table_lookup('person', 'name', '{firm,mark}')
o	create_multi_table_lookup	SELECT relmeta.create_multi_table_lookup('half', 'about', '{firm,mark}', 'kind')
x	create_multi_table_lookup	SELECT relmeta.create_multi_table_lookup('person', 'about', '{firm,mark}')
o	add_lookup_target	SELECT relmeta.add_lookup_target('person', 'firm_id', 'mark')
o	create_one_to_many	SELECT relmeta.create_one_to_many('firm', 'person', 'firm_id')
o	create_one_to_many	SELECT relmeta.create_one_to_many('firm', 'person', 'other', preset => 'nothing')
o	create_one_to_many	SELECT relmeta.create_one_to_many('firm', 'person', 'other', merge => 'active')
o	create_one_to_many	SELECT relmeta.create_one_to_many('firm', 'person', 'other', preset => 'parental')
o	create_one_to_many	SELECT relmeta.create_one_to_many('firm', 'person', 'name')
o	create_one_to_many	SELECT relmeta.create_one_to_many('two_keys', 'person', 'other')
o	create_one_to_many	SELECT relmeta.create_one_to_many('mark', 'half', 'about')
x	create_one_to_many	SELECT relmeta.create_one_to_many('firm', 'person', 'other')
o	create_related	SELECT relmeta.create_related('nothing', 1)
o	create_related	SELECT relmeta.create_related('firm_person', 9)
o	create_related	SELECT relmeta.create_related('firm_person', 1, '[]')
o	create_related	SELECT relmeta.create_related('firm_person', 1, '{"nothing": 1}')
o	create_related	SELECT relmeta.create_related('firm_person', 1, '{"id": 11, "twice": 1}')
o	create_team	SELECT relmeta.create_team('ce_ann')
o	create_team	SELECT relmeta.create_team('')
o	create_team	SELECT relmeta.create_team(NULL)
o	create_team	SELECT relmeta.create_team('07')
o	create_user	SELECT relmeta.create_user('ce_ann')
o	create_user	SELECT relmeta.create_user('')
o	create_user	SELECT relmeta.create_user(repeat('x', 1025))
o	create_user	SELECT relmeta.create_user(NULL)
o	create_user	SELECT relmeta.create_user('07')
o	create_user	SELECT relmeta.create_user('ce_other', 'nothing')
o	dataverse_to_json	SELECT relmeta.dataverse_to_json('<nothing/>')
o	describe	SELECT relmeta.describe('stranger')
x	describe	SELECT relmeta.describe('hidden')
o	disable_access_control	SELECT relmeta.disable_access_control('stranger')
x	disable_access_control	SELECT relmeta.disable_access_control('firm')
o	enable_access_control	SELECT relmeta.enable_access_control('stranger')
o	enable_access_control	SELECT relmeta.enable_access_control('firm_mark')
o	enable_access_control	SELECT relmeta.enable_access_control('mark', everyone => '{nothing}')
x	enable_access_control	SELECT relmeta.enable_access_control('firm')
o	disassociate	SELECT relmeta.disassociate('nothing', 1, 5)
o	disassociate	SELECT relmeta.disassociate('pending', 1, 5)
o	disassociate	SELECT relmeta.disassociate('marked', 1, 5, '{"nothing": 1}')
o	disassociate	SELECT relmeta.disassociate('marked', 1, 5, '[]')
o	disassociate	SELECT relmeta.disassociate('marked', 1, 'x')
x	disassociate	SELECT relmeta.disassociate('marked', 1, 5)
o	disconnect	SELECT relmeta.disconnect(0)
x	disconnect	SELECT relmeta.disconnect(CONNECTION)
o	update_connection	SELECT relmeta.update_connection(0)
o	update_connection	SELECT relmeta.update_connection(CONNECTION, clear => '{nothing}')
o	update_connection	SELECT relmeta.update_connection(CONNECTION, effective_end => '2019-01-01')
x	update_connection	SELECT relmeta.update_connection(CONNECTION, description => 'mine')
o	drop_principal	SELECT relmeta.drop_principal('nobody')
o	drop_principal	SELECT relmeta.drop_principal('ce_ann')
o	drop_principal	SELECT relmeta.drop_principal(NULL)
o	drop_principal	SELECT relmeta.drop_principal('1')
o	drop_relationship	SELECT relmeta.drop_relationship('nothing')
o	drop_relationship	SELECT relmeta.drop_relationship('key_used', drop_storage => true)
x	drop_relationship	SELECT relmeta.drop_relationship('firm_person')
o	er_diagram	SELECT relmeta.er_diagram('nothing')
o	er_diagram	SELECT relmeta.er_diagram('mermaid', 'chen')
o	er_diagram	SELECT relmeta.er_diagram(tables => '{stranger}')
x	er_diagram	SELECT relmeta.er_diagram(tables => '{hidden}')
o	explain_access	SELECT relmeta.explain_access('firm', 1, 'nobody')
o	explain_access	SELECT relmeta.explain_access('numbered', 1, 'ce_ann')
o	explain_access	SELECT relmeta.explain_access('firm', 'x')
x	explain_access	SELECT relmeta.explain_access('firm', 1, 'ce_ann')
o	export_metadata	SELECT relmeta.export_metadata('{stranger}')
o	generate_mappings	SELECT relmeta.generate_mappings('nothing')
x	generate_mappings	SELECT relmeta.generate_mappings('firm_person')
o	has_access	SELECT relmeta.has_access('firm', 1, 'read', 'nobody')
o	has_access	SELECT relmeta.has_access('stranger', 1, 'read')
o	has_access	SELECT relmeta.has_access('numbered', 1, 'read', 'ce_ann')
o	has_access	SELECT relmeta.has_access('firm', 'x', 'read')
o	has_access	SELECT relmeta.has_access('firm', 1, 'nothing')
x	has_access	SELECT relmeta.has_access('firm', 1, 'read', 'ce_ann')
o	principal_access	SELECT relmeta.principal_access('firm', 1, 'nobody')
o	principal_access	SELECT relmeta.principal_access('firm', 'x')
x	principal_access	SELECT relmeta.principal_access('firm', 1, 'ce_ann')
o	hierarchy_above	SELECT relmeta.hierarchy_above('firm', 1)
o	hierarchy_above	SELECT relmeta.hierarchy_above('stranger', 1)
o	hierarchy_above	SELECT relmeta.hierarchy_above('numbered', 9)
o	hierarchy_above	SELECT relmeta.hierarchy_above('numbered', 'x')
o	hierarchy_above	SELECT relmeta.hierarchy_above('looped', 1)
o	hierarchy_under	SELECT relmeta.hierarchy_under('firm', 1)
o	hierarchy_under	SELECT relmeta.hierarchy_under('numbered', 9)
o	hierarchy_under	SELECT relmeta.hierarchy_under('numbered', 'x')
o	hierarchy_under	SELECT relmeta.hierarchy_under('looped', 1)
o	import_metadata	SELECT relmeta.import_metadata('{}')
o	import_metadata	SELECT relmeta.import_metadata('{"format": "relmeta", "version": 1, "tables": [{"name": "nothing"}]}')
o	initialize_from	SELECT relmeta.initialize_from('nothing', 1)
o	initialize_from	SELECT relmeta.initialize_from('firm_person', 9)
o	initialize_from	SELECT relmeta.initialize_from('firm_person', 'x')
o	initialize_from	SELECT relmeta.initialize_from('retyped', 1)
o	is_associated	SELECT relmeta.is_associated('nothing', 1, 5)
o	is_associated	SELECT relmeta.is_associated('pending', 1, 5)
o	is_associated	SELECT relmeta.is_associated('marked', 1, 'x')
x	is_associated	SELECT relmeta.is_associated('friends', 1, 1)
o	links	SELECT relmeta.links('nothing', 1)
o	links	SELECT relmeta.links('marked', 9)
o	map_column	SELECT relmeta.map_column('nothing', 'name', 'name')
o	map_column	SELECT relmeta.map_column('firm_person', 'nothing', 'name')
o	map_column	SELECT relmeta.map_column('firm_person', 'id', 'firm_id')
o	map_column	SELECT relmeta.map_column('firm_person', 'name', 'id')
x	map_column	SELECT relmeta.map_column('firm_person', 'name', 'name')
o	unmap_column	SELECT relmeta.unmap_column('firm_person', 'name', 'name')
x	unmap_column	SELECT relmeta.unmap_column('firm_person', 'name', 'name')
o	merge	SELECT relmeta.merge('stranger', 1, 2)
o	merge	SELECT relmeta.merge('firm', 1, 1)
o	merge	SELECT relmeta.merge('firm', 1, 9)
o	merge	SELECT relmeta.merge('firm', 'x', 2)
o	merge	SELECT relmeta.merge('person', 10, 11)
o	merge	SELECT relmeta.merge('firm', 1, 2, '{"nothing": 1}')
o	merge	SELECT relmeta.merge('firm', 1, 2, '{"id": 1}')
o	merge	SELECT relmeta.merge('firm', 1, 2, '{"twice": 1}')
o	merge	SELECT relmeta.merge('firm', 3, 4)
x	merge	SELECT relmeta.merge('firm', 1, 2)
o	merged_into	SELECT relmeta.merged_into('stranger', 1)
o	merged_into	SELECT relmeta.merged_into('firm', 'x')
o	share	SELECT relmeta.share('firm', 1, 'nobody')
o	share	SELECT relmeta.share('stranger', 1, 'ce_ann')
o	share	SELECT relmeta.share('firm', 1, 'ce_ann')
o	share	SELECT relmeta.share('numbered', 1, 'ce_ann')
o	share	SELECT relmeta.share('firm', 9, 'ce_bob')
o	share	SELECT relmeta.share('firm', 'x', 'ce_bob')
o	share	SELECT relmeta.share('firm', 1, 'ce_bob', '{nothing}')
x	share	SELECT relmeta.share('firm', 1, 'ce_bob')
o	modify_share	SELECT relmeta.modify_share('firm', 1, 'nobody', '{read}')
o	modify_share	SELECT relmeta.modify_share('firm', 1, 'ce_ann', '{read}')
o	modify_share	SELECT relmeta.modify_share('firm', 9, 'ce_bob', '{read}')
o	modify_share	SELECT relmeta.modify_share('firm', 1, 'ce_bob', '{nothing}')
x	modify_share	SELECT relmeta.modify_share('firm', 1, 'ce_bob', '{read}')
o	unshare	SELECT relmeta.unshare('firm', 1, 'nobody')
o	unshare	SELECT relmeta.unshare('numbered', 1, 'ce_ann')
o	unshare	SELECT relmeta.unshare('firm', 9, 'ce_bob')
o	unshare	SELECT relmeta.unshare('firm', 1, 'ce_bob', '{nothing}')
x	unshare	SELECT relmeta.unshare('firm', 1, 'ce_ann')
o	share_many	SELECT relmeta.share_many('firm', '{1,9}', '{ce_bob}')
o	unshare_many	SELECT relmeta.unshare_many('firm', '{1,9}', '{ce_bob}')
o	pause_job	SELECT relmeta.pause_job(0)
o	pause_job	SELECT relmeta.pause_job(JOB)
x	pause_job	SELECT relmeta.pause_job(JOB)
o	resume_job	SELECT relmeta.resume_job(0)
o	resume_job	SELECT relmeta.resume_job(JOB)
x	resume_job	SELECT relmeta.resume_job(JOB)
o	wait_for_job	SELECT relmeta.wait_for_job(0)
o	wait_for_job	SELECT relmeta.wait_for_job(JOB, '-1s')
o	wait_for_job	SELECT relmeta.wait_for_job(relmeta.reset_inherited_access('firm_person'))
o	preview	SELECT relmeta.preview('nothing', 'firm', 1)
o	preview	SELECT relmeta.preview('assign', 'firm', 1, 'nobody')
o	preview	SELECT relmeta.preview('assign', 'mark', 5, 'ce_ann')
o	preview	SELECT relmeta.preview('delete', 'stranger', 1)
o	preview	SELECT relmeta.preview('delete', 'firm', 9)
o	preview	SELECT relmeta.preview('delete', 'firm', 'x')
o	preview	SELECT relmeta.preview('reparent', 'person', 10, relationship => 'nothing')
o	preview	SELECT relmeta.preview('reparent', 'numbered', 1, relationship => 'above', other_key => '1')
o	preview	SELECT relmeta.preview('merge', 'firm', 1, other_key => '1')
x	preview	SELECT relmeta.preview('share', 'firm', 1, 'ce_bob')
o	reassign_owned	SELECT relmeta.reassign_owned('nobody', 'ce_ann')
o	reassign_owned	SELECT relmeta.reassign_owned('ce_ann', NULL)
o	register_memberships	SELECT relmeta.register_memberships('person', 'name', 'nothing')
o	register_memberships	SELECT relmeta.register_memberships('ce_view', 'name', 'name')
o	register_memberships	SELECT relmeta.register_memberships('firm', 'name', 'owner_id')
o	register_memberships	SELECT relmeta.register_memberships('pairs', 'a', 'b')
o	register_memberships	SELECT relmeta.register_memberships(NULL, 'a', 'b')
x	register_memberships	SELECT relmeta.register_memberships('firm', 'name', 'owner_id')
o	register_principals	SELECT relmeta.register_principals('two_keys')
o	register_principals	SELECT relmeta.register_principals('mark', 'nothing')
o	register_principals	SELECT relmeta.register_principals(NULL)
o	register_principals	SELECT relmeta.register_principals('named')
o	register_principals	SELECT relmeta.register_principals('aliases')
x	register_principals	SELECT relmeta.register_principals('mark')
o	register_table	SELECT relmeta.register_table('two_keys')
o	register_table	SELECT relmeta.register_table('stranger', 'nothing')
o	register_table	SELECT relmeta.register_table('mark', 'id')
o	register_table	SELECT relmeta.register_table('firm', state_column => 'name')
o	register_table	SELECT relmeta.register_table('firm', state_column => 'owner_id', active_states => '{x}')
o	register_table	SELECT relmeta.register_table('firm', active_states => '{x}')
o	register_table	SELECT relmeta.register_table('firm', owner_column => '')
o	register_table	SELECT relmeta.register_table('stranger', 'owner_id')
o	register_table	SELECT relmeta.register_table('spelled', 'owner_id')
x	register_table	SELECT relmeta.register_table('firm')
o	related	SELECT relmeta.related('stranger', 1)
o	related	SELECT relmeta.related('firm', 9)
o	related	SELECT relmeta.related('firm', 'x')
o	remove_team_member	SELECT relmeta.remove_team_member('nobody', 'ce_ann')
o	remove_team_member	SELECT relmeta.remove_team_member(NULL, 'ce_ann')
o	remove_team_member	SELECT relmeta.remove_team_member('ce_team', 'ce_bob')
o	reset_inherited_access	SELECT relmeta.reset_inherited_access('nothing')
x	reset_inherited_access	SELECT relmeta.reset_inherited_access('firm_person')
o	revoke_inherited_access	SELECT relmeta.revoke_inherited_access('nothing')
o	revoke_inherited_access	SELECT relmeta.revoke_inherited_access('firm_person')
x	revoke_inherited_access	SELECT relmeta.revoke_inherited_access('firm_person')
o	reset_statistics	SELECT relmeta.reset_statistics('nothing')
x	reset_statistics	SELECT relmeta.reset_statistics('firm_person')
x	reset_statistics	SELECT relmeta.reset_statistics()
o	revoke_all	SELECT relmeta.revoke_all('nobody')
o	rollup	SELECT relmeta.rollup('stranger', 1, 'person')
o	rollup	SELECT relmeta.rollup('firm', 9, 'person')
o	rollup	SELECT relmeta.rollup('firm', 'x', 'person')
o	rollup	SELECT relmeta.rollup('firm', 1, 'person', 'nothing')
o	rollup	SELECT relmeta.rollup('looped', 1, 'looped')
o	run_jobs	CALL relmeta.run_jobs()
o	set_menu	SELECT relmeta.set_menu('nothing', 1)
o	set_menu	SELECT relmeta.set_menu('marked', 3)
o	set_menu	SELECT relmeta.set_menu('pending', 1)
x	set_menu	SELECT relmeta.set_menu('firm_person', 1)
o	shared_principals	SELECT relmeta.shared_principals('stranger', 1)
o	shared_principals	SELECT relmeta.shared_principals('firm', 'x')
o	shared_with	SELECT relmeta.shared_with('nobody')
o	shared_with	SELECT relmeta.shared_with('ce_ann', 'stranger')
o	shared_with	SELECT relmeta.shared_with('ce_ann', 'numbered')
o	unregister_table	SELECT relmeta.unregister_table('stranger')
o	unregister_table	SELECT relmeta.unregister_table('firm')
x	unregister_table	SELECT relmeta.unregister_table('firm')
o	update_relationship	SELECT relmeta.update_relationship('nothing')
o	update_relationship	SELECT relmeta.update_relationship('firm_person', merge => 'active')
o	update_relationship	SELECT relmeta.update_relationship('key_used', delete => 'remove_link')
x	update_relationship	SELECT relmeta.update_relationship('firm_person')
o	register_principals	DELETE FROM ce.members WHERE id = 2
x	inserts	INSERT INTO ce.guarded VALUES (2, 'ce_ann')
x	link_judged	INSERT INTO ce.guarded_mark VALUES (1, 5)
\.
SELECT relmeta.act_as('ce_ann');
-- => ERROR:  acting as a principal locally has no effect outside a transaction block
INSERT INTO tried VALUES ('o', 'act_as', 'SELECT relmeta.act_as(''ce_ann'')', :'LAST_ERROR_SQLSTATE');
UPDATE tried SET statement = replace(replace(statement, 'JOB', :'job'), 'CONNECTION', :'connection');
GRANT EXECUTE ON FUNCTION attempt TO regress_ce_other;
GRANT ALL ON tried TO regress_ce_other;
UPDATE tried SET state = attempt(statement) WHERE who = 'o' AND state IS NULL;
SET relmeta.principal = 'ce_ann';
UPDATE tried SET state = attempt(statement) WHERE who = 'p';
RESET relmeta.principal;
SET ROLE regress_ce_other;
UPDATE tried SET state = attempt(statement) WHERE who = 'x';
RESET ROLE;
-- a server without libxml has no xml to read
UPDATE tried SET state = '22023' WHERE called = 'dataverse_to_json' AND state = '0A000';
CREATE VIEW commented AS
  SELECT p.proname::text AS name, string_agg(obj_description(p.oid, 'pg_proc'), ' ') AS words FROM pg_proc AS p
  WHERE p.pronamespace = 'relmeta'::regnamespace AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) GROUP BY 1;
-- the SQLSTATEs that it names, with those of the functions that it refers to
CREATE VIEW named_error AS
  WITH RECURSIVE refers(name, words) AS (
    SELECT name, words FROM commented
    UNION
    SELECT r.name, c.words FROM refers AS r, commented AS c
    WHERE substring(r.words FROM '(?:[Ee]rrors:? |raises what )(.*)') ~ ('\m' || c.name || '\M'))
  SELECT DISTINCT name, m[1] AS state FROM refers, regexp_matches(words, '\m([0-9A-Z]{2}[0-9A-Z]{3})\M', 'g') AS m WHERE m[1] ~ '[0-9]';
SELECT count(*) FROM tried WHERE state <> 'ok';
-- => 312
-- calls that raise nothing
SELECT who, statement FROM tried WHERE state = 'ok';
-- => none
-- raised, and not named (but what reference.md says of all functions)
SELECT who, state, statement FROM tried AS t
WHERE state NOT IN ('ok', '42P01', '22004') AND NOT EXISTS (SELECT FROM named_error AS n WHERE n.name = t.called AND n.state = t.state);
-- => none
-- named, and not raised
SELECT name, m[1] FROM commented, regexp_matches(words, '\m([0-9A-Z]{2}[0-9A-Z]{3})\M', 'g') AS m WHERE m[1] ~ '[0-9]'
EXCEPT SELECT called, state FROM tried ORDER BY 1, 2;
-- => none
-- functions with errors that are not tried
SELECT name FROM commented WHERE words ~ '[Ee]rror' AND name NOT IN (SELECT called FROM tried);
-- => none

SELECT relmeta.disable_access_control('guarded');
DROP SCHEMA ce CASCADE;
DELETE FROM relmeta.connection_role;
DROP ROLE regress_ce_other;
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal = ANY ('{ce_ann,ce_bob,ce_team,1,2,7,7.0}');
-- => 7
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
