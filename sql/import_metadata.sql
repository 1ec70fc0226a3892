-- import_metadata(): all or nothing, by the same calls and checks as by hand; a second time nothing happens; what is bad is
-- refused with its path.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_import_owner;
CREATE ROLE regress_import_bob;
CREATE SCHEMA import;
GRANT ALL ON SCHEMA import TO regress_import_owner, regress_import_bob;
CREATE SCHEMA closed AUTHORIZATION regress_import_owner;
CREATE SCHEMA hostile AUTHORIZATION regress_import_owner;
SET ROLE regress_import_owner;
SET search_path = import;
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state text, parent_id int);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
CREATE TABLE closed.secret (id int PRIMARY KEY);

-- written by hand: names follow search_path, what is not said is as the calls have it
SELECT '{"format": "relmeta", "version": 1,
  "tables": [{"name": "account", "owner_column": "owner_id", "state_column": "state", "active_states": ["open"]},
             {"name": "import.contact", "owner_column": "owner_id", "access_control": {"force": true}}],
  "relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "account_id",
                     "preset": "parental", "behaviors": {"delete": "restrict"}},
                    {"name": "tree", "primary_table": "account", "related_table": "account", "lookup_column": "parent_id",
                     "is_hierarchical": true, "foreign_key": false},
                    {"primary_table": "account", "related_table": "contact", "lookup_column": "about_id",
                     "type_column": "about_type", "type_value": "A", "original_name": "AboutAnAccount"},
                    {"primary_table": "contact", "related_table": "contact", "lookup_column": "about_id",
                     "type_column": "about_type", "type_value": "C"}],
  "many_to_many": [{"table1": "account", "table2": "contact", "name": "an", "attributes": "since date, grade text"},
                   {"table1": "account", "table2": "import.later", "name": "wait"}]}' AS doc \gset

-- a dry run says what would be done, and does nothing
SELECT * FROM relmeta.import_metadata(:'doc', dry_run => true);
SELECT count(*) FROM relmeta.tables WHERE relation::text LIKE 'import.%';
-- => 0
SELECT * FROM relmeta.import_metadata(:'doc');
SELECT * FROM relmeta.import_metadata(:'doc') WHERE action <> 'exists';
-- => none
SELECT name, preset, delete, is_hierarchical FROM relmeta.one_to_many WHERE primary_table IN ('account'::regclass, 'contact') ORDER BY 1;
SELECT e ->> 'name', e ->> 'original_name' FROM jsonb_array_elements(relmeta.export_metadata('{account,contact}') -> 'relationships') AS e;
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'contact'::regclass;
-- => t|t
SELECT * FROM relmeta.many_to_many WHERE name IN ('an', 'wait') ORDER BY 1;

-- a document of what is to be: what differs is changed
SELECT '{"format": "relmeta", "version": 1,
  "tables": [{"name": "account", "active_states": ["open", "won"], "default_owner": true},
             {"name": "contact", "access_control": null},
             {"name": "contact", "state_column": null}],
  "relationships": [{"name": "another", "primary_table": "account", "related_table": "contact", "lookup_column": "account_id",
                     "behaviors": {"delete": "all", "assign": "all", "merge": "none"}}],
  "many_to_many": [{"table1": "account", "table2": "contact", "name": "an", "attributes": "since date, hits int NOT NULL DEFAULT 0"}]}' AS changed \gset
SELECT * FROM relmeta.import_metadata(:'changed');
SELECT * FROM relmeta.import_metadata(:'changed') WHERE action <> 'exists';
-- => none
SELECT active_states FROM relmeta.tables WHERE relation = 'account'::regclass;
-- => {open,won}
SELECT attributes FROM relmeta.many_to_many WHERE name = 'an';
-- => since date, grade text, hits integer NOT NULL DEFAULT 0
-- column mappings: what is not named goes, what is not said stays
ALTER TABLE account ADD COLUMN a int, ADD COLUMN b int;
ALTER TABLE contact ADD COLUMN a int, ADD COLUMN b int;
SELECT relmeta.generate_mappings('account_contact');
CREATE FUNCTION mapped(mappings jsonb) RETURNS TABLE (action text, object text, detail text) LANGUAGE sql AS $$
  SELECT * FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'relationships', jsonb_build_array(jsonb_strip_nulls(
    jsonb_build_object('primary_table', 'account', 'related_table', 'contact', 'lookup_column', 'account_id', 'mappings', mappings))))) $$;
SELECT * FROM mapped(NULL);
SELECT * FROM mapped('[{"source_column": "b", "target_column": "a"}]');
SELECT * FROM mapped('[{"source_column": "b", "target_column": "a"}]');
SELECT * FROM mapped('[{"source_column": "b"}]');
SELECT * FROM mapped('[{"source_column": "b", "target_column": "none"}]');
SELECT * FROM mapped('[]');
SELECT count(*) FROM relmeta.mappings WHERE relationship = 'account_contact';
-- => 0

-- menus of both sides: one that is not named is as if nothing was said of it
CREATE FUNCTION shown(name text, menus jsonb) RETURNS TABLE (action text, object text, detail text) LANGUAGE sql AS $$
  SELECT * FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'many_to_many', jsonb_build_array(jsonb_strip_nulls(
    jsonb_build_object('name', name, 'table1', 'account', 'table2', 'contact', 'menus', menus))))) $$;
SELECT * FROM shown('an', '[{"side": 2, "display": "label", "label": "Who", "menu_order": -3}]');
SELECT * FROM shown('an', '[{"side": 2, "display": "label", "label": "Who", "menu_order": -3}]');
SELECT * FROM shown('an', NULL);
SELECT * FROM shown('an', '[{"side": 1, "menu_group": "x"}]');
SELECT * FROM relmeta.menus WHERE relationship = 'an' ORDER BY side;
SELECT relmeta.export_metadata('{account,contact}') -> 'many_to_many' -> 0 -> 'menus';
SELECT * FROM shown('an', '[]');
SELECT * FROM shown('an', '[]');
SELECT * FROM shown('an', '[{"side": 3}]');
SELECT * FROM shown('an', '[{"side": 1.5}]');
SELECT * FROM shown('an', '[{"side": 1, "menu_order": 1e10}]');
SELECT * FROM shown('an', '[{"side": 1, "display": "loud"}]');
SELECT * FROM shown('an', '[{"side": 1, "colour": "red"}]');

-- automations: the procedures are there, or it is refused
CREATE PROCEDURE remind(relation regclass, key text) LANGUAGE sql AS '';
CREATE PROCEDURE forget(relation regclass, key text) LANGUAGE sql AS '';
CREATE FUNCTION automated(name text, relation text, procedure text) RETURNS TABLE (action text, object text, detail text) LANGUAGE sql AS $$
  SELECT * FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'automations', jsonb_build_array(
    jsonb_build_object('name', name, 'table', relation, 'procedure', procedure)))) $$;
SELECT * FROM automated('reminder', 'account', 'import.remind');
SELECT * FROM automated('reminder', 'account', 'import.remind(regclass,text)');
SELECT * FROM automated('reminder', 'account', 'import.forget');
SELECT * FROM automated('reminder', 'contact', 'import.remind');
SELECT * FROM automated('other', 'account', 'import.no_such');
SELECT * FROM automated('other', 'account', 'remind');
SELECT * FROM automated('wrong', 'account', 'import.automated(text,text,text)');
SELECT * FROM automated('other', 'nowhere', 'import.remind');
SELECT * FROM automated('wrong', 'account', 'import.remind(regclass,text); DROP TABLE account');
SELECT * FROM automated('wrong', 'account', NULL);

-- its arguments are PostgreSQL's regclass and text, whatever types of these names stand first in search_path
CREATE DOMAIN hostile.regclass AS pg_catalog.regclass;
CREATE DOMAIN hostile.text AS pg_catalog.text;
CREATE PROCEDURE "odd(name"(pg_catalog.regclass, pg_catalog.text) LANGUAGE sql AS '';
BEGIN;
SET LOCAL search_path = hostile, import, pg_catalog;
SELECT * FROM automated('reminder', 'account', 'import.remind(regclass,text)');
SELECT * FROM automated('shadowed', 'account', 'import.remind(regclass,text)');
SELECT * FROM automated('by name', 'account', 'import.remind');
SELECT * FROM automated('odd', 'account', 'import."odd(name"( regclass , text )');
SELECT * FROM automated('odd by name', 'account', 'import."odd(name"');
SELECT * FROM relmeta.import_metadata(relmeta.export_metadata()) WHERE object IN ('shadowed', 'by name', 'odd', 'odd by name');
ROLLBACK;

-- connection roles, and those that go together
CREATE FUNCTION roles(roles jsonb, matches jsonb) RETURNS TABLE (action text, object text, detail text) LANGUAGE sql AS $$
  SELECT * FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'connection_roles', roles, 'connection_role_matches', matches)) $$;
SELECT * FROM roles('[{"name": "im payer", "tables": ["account"], "category": "x"}, {"name": "im payee", "tables": ["contact", "account"]}]',
  '[{"role1": "im payer", "role2": "im payee"}]');
SELECT * FROM roles('[{"name": "im payer", "tables": ["account"]}, {"name": "im payee", "tables": ["account", "contact"]}]',
  '[{"role1": "im payee", "role2": "im payer"}]');
SELECT name, category, tables, matches FROM relmeta.connection_roles WHERE name LIKE 'im %' ORDER BY name;
SELECT * FROM roles('[{"name": "im payer", "tables": ["contact"]}]', '[]');
SELECT * FROM roles('[{"name": "im all"}]', '[]');
SELECT * FROM roles('[{"name": "im other", "tables": ["nowhere"]}]', '[]');
SELECT * FROM roles('[{"tables": ["account"]}]', '[]');
SELECT * FROM roles('[]', '[{"role1": "im payer", "role2": "im nobody"}]');
SELECT * FROM roles('[]', '[{"role1": "im payer"}]');

-- a column that a relationship needs is not taken away
SELECT * FROM relmeta.import_metadata('{"format": "relmeta", "version": 1, "tables": [{"name": "account", "owner_column": null}]}');
-- what cannot be changed is refused
SELECT * FROM relmeta.import_metadata('{"format": "relmeta", "version": 1, "relationships": [
  {"name": "tree", "primary_table": "account", "related_table": "account", "lookup_column": "parent_id", "foreign_key": true}]}');
SELECT * FROM relmeta.import_metadata('{"format": "relmeta", "version": 1, "many_to_many": [
  {"name": "an", "table1": "account", "table2": "account"}]}');

-- all or nothing: the last element is wrong
SELECT * FROM relmeta.import_metadata('{"format": "relmeta", "version": 1, "many_to_many": [{"table1": "account", "table2": "account", "name": "self"}],
  "relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "second_id", "behaviors": {"merge": "restrict"}}]}');
SELECT count(*) FROM relmeta.many_to_many WHERE name = 'self';
-- => 0

-- name_map: the same model of other tables
CREATE TABLE klient (id int PRIMARY KEY, owner_id text, state text, parent_id int);
SELECT relmeta.import_metadata('{"format": "relmeta", "version": 1, "tables": [{"name": "x.account", "owner_column": "owner_id"}]}',
  name_map => '{"x.account": "klient"}');
-- => (created,import.klient,"registered; owner_column is ""owner_id""")

-- hostile: refused, with the path
CREATE FUNCTION try(doc text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM relmeta.import_metadata(doc::jsonb, name_map => more[1]::jsonb, create_tables => more[2] IS NOT NULL);
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END $$;
CREATE FUNCTION own(parts text) RETURNS text LANGUAGE sql AS $$ SELECT '{"format": "relmeta", "version": 1, ' || parts || '}' $$;
SELECT try('null'), try('[]'), try('{}'), try('1'), try('"relmeta"'), try('{"format": "relmeta"}');
SELECT try('{"format": "relmeta", "version": 2}');
SELECT try('{"format": "relmeta", "version": "1"}');
SELECT try(own('"__proto__": {}'));
SELECT try(own('"tables": {}'));
SELECT try(own('"tables": [1]'));
SELECT try(own('"tables": [{}]'));
SELECT try(own('"tables": [{"name": 1}]'));
SELECT try(own('"tables": [{"name": ""}]'));
SELECT try(own('"tables": [{"name": "a.b.c.d"}]'));
SELECT try(own('"tables": [{"name": "other.import.account"}]'));
SELECT try(own('"tables": [{"name": "account; DROP TABLE account"}]'));
SELECT try(own('"tables": [{"name": "\"account"}]'));
SELECT try(own(format('"tables": [{"name": %s}]', to_json(repeat('x', 100000)))));
SELECT try(own('"tables": [{"name": "nowhere.t"}]'));
SELECT try(own('"tables": [{"name": "account", "columns": [], "owner": "x"}]'));
SELECT try(own('"tables": [{"name": "account", "owner_column": "no_such"}]'));
SELECT try(own('"tables": [{"name": "account", "key_column": "owner_id"}]'));
SELECT try(own('"tables": [{"name": "account", "owner_column": ["owner_id"]}]'));
SELECT try(own('"tables": [{"name": "account", "is_system": "yes"}]'));
SELECT try(own('"tables": [{"name": "account", "access_control": {"everyone": ["root"]}}]'));
SELECT try(own('"tables": [{"name": "account", "access_control": {"everyone": [null]}}]'));
SELECT try(own('"tables": [{"name": "account", "access_control": true}]'));
SELECT try(own('"relationships": [{"primary_table": "account", "related_table": "contact"}]'));
SELECT try(own('"relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "x_id", "behaviors": {"explode": "all"}}]'));
SELECT try(own('"relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "x_id", "behaviors": {"assign": "ALL"}}]'));
SELECT try(own('"relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "x_id", "preset": "x"}]'));
SELECT try(own('"many_to_many": [{"table1": "account", "table2": "contact", "attributes": "x int); DROP TABLE account; --"}]'));
SELECT try(own('"many_to_many": [{"table1": "account", "table2": "contact", "attributes": "LIKE account"}]'));
-- tables to be made
SELECT try(own('"tables": [{"name": "fresh"}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id", "columns": [{"name": "x", "type": "int"}]}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id", "columns": [{"name": "id", "type": "int); DROP TABLE account; --"}]}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id", "columns": [{"name": "id", "type": "no_such"}]}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id", "columns": [{"name": "id", "type": "int", "generated": "evil()"}]}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id", "columns": [{"name": "id", "type": "int", "default": "1); DROP TABLE account; --"}]}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id", "columns": [{"name": "id", "type": "text", "collation": "C\" NOT NULL, x int"}]}]'), NULL, 'create');
SELECT try(own('"tables": [{"name": "fresh2", "key_column": "id); --", "columns": [{"name": "id); --", "type": "int"}]}]'), NULL, 'create');
SELECT try(own('"tables": []'), '[]');
SELECT try(own('"tables": [{"name": "account"}]'), '{"account": 7}');
SELECT relmeta.import_metadata(NULL);
-- deep, wide, long (a string of 1 GB is no jsonb: 256 MB are its limit); of two members of one name the last counts (ATTACKS 59)
SELECT try(own('"tables": ' || repeat('[', 1000) || repeat(']', 1000)));
SELECT try(own('"tables": ' || repeat('[', 1000000) || repeat(']', 1000000)));
SELECT try(own('"tables": [{"name": "account", "key_column": "' || repeat('x', 20000000) || '"}]'));
SELECT try(own('"tables": [{"name": "account"}], "tables": [{"name": "absent", "name": "absent_too"}]'));
SELECT try(own('"tables": []'), (SELECT '{' || string_agg('"k' || i || '": "v"', ',') || '}' FROM generate_series(1, 300000) AS i));
SELECT try(own('"tables": [{"name": "wide", "key_column": "c1", "columns": [' || (SELECT string_agg('{"name": "c' || i || '", "type": "int"}', ',') FROM generate_series(1, 20000) i) || ']}]'), NULL, 'create');
SELECT try(own((SELECT string_agg('"k' || i || '": 0', ',') FROM generate_series(1, 1000000) AS i)));
SELECT try(own('"tables": [' || repeat('{"name": "account"},', 2000) || '{"name": 0}]'));
SELECT try(own('"tables": [{"name": "account", "key_column": "\u0000"}]'));
-- of a key that comes twice the last one counts, as in any jsonb; ten megabytes are no name
SELECT try(own('"tables": [{"name": "account", "name": 1}]'));
SELECT try(own('"tables": [{"name": "account", "owner_column": "none", "owner_column": "owner_id"}]'));
SELECT left(try(own(format('"tables": [{"name": "account", "owner_column": "%s"}]', repeat('x', 10000000)))), 100);
SELECT left(try(own(format('"many_to_many": [{"table1": "account", "table2": "contact", "attributes": "%s"}]', repeat('x', 10000000)))), 100);

-- what bob may not see is answered as what is not there; what he sees he does not own (ATTACKS 59)
SET ROLE regress_import_bob;
SET search_path = import;
SELECT try(own('"tables": [{"name": "closed.secret"}]'));
SELECT try(own('"tables": [{"name": "closed.absent"}]'));
SELECT try(own('"tables": [{"name": "account"}]'));
SELECT try(own('"tables": [{"name": "absent"}]'));
SELECT try(own('"relationships": [{"primary_table": "closed.secret", "related_table": "account", "lookup_column": "x"}]'));
RESET ROLE;
GRANT SELECT ON import.account, import.contact TO regress_import_bob;
SET ROLE regress_import_bob;
SELECT try(own('"tables": [{"name": "account", "owner_column": null}]'));
SELECT try(own('"tables": [{"name": "account", "access_control": {"force": false}}]'));
SELECT try(own('"relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "x"}]'));
SELECT try(own('"relationships": [{"primary_table": "account", "related_table": "contact", "lookup_column": "account_id", "behaviors": {"assign": "none"}}]'));
SELECT try(own('"many_to_many": [{"table1": "account", "table2": "contact", "name": "mine"}]'));
SELECT try(own('"many_to_many": [{"table1": "account", "table2": "contact", "name": "an", "attributes": "evil int"}]'));
-- a dry run tells no more
SELECT * FROM relmeta.import_metadata(own('"tables": [{"name": "closed.secret"}]')::jsonb, true);
SELECT * FROM relmeta.import_metadata(own('"tables": [{"name": "closed.absent"}]')::jsonb, true);
-- and leaves the transaction as it was
BEGIN;
SELECT * FROM relmeta.import_metadata(own('"tables": [{"name": "bobs", "key_column": "id", "columns": [{"name": "id", "type": "int"}]}]')::jsonb, true, NULL, true);
SELECT to_regclass('bobs');
SELECT * FROM relmeta.import_metadata(own('"tables": [{"name": "bobs", "key_column": "id", "columns": [{"name": "id", "type": "int"}]}]')::jsonb, false, NULL, true);
COMMIT;
SELECT relation FROM relmeta.tables WHERE relation = 'bobs'::regclass;
-- => bobs
BEGIN READ ONLY;
SELECT relmeta.import_metadata(own('"tables": []')::jsonb);
ROLLBACK;
RESET ROLE;
DROP SCHEMA import, closed, hostile CASCADE;
DELETE FROM relmeta.connection_role WHERE name LIKE 'im %';
DROP ROLE regress_import_owner, regress_import_bob;
