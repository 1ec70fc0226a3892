-- search_path_empty: nothing depends on the caller's search_path, neither on an empty one nor on one that puts hostile
-- operators, functions and tables first.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_path;
CREATE SCHEMA path AUTHORIZATION regress_path;
CREATE SCHEMA hostile AUTHORIZATION regress_path;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
SET ROLE regress_path;

-- everything that generated SQL might call by an unqualified name
CREATE FUNCTION hostile.trap(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trap: integer operator'; END $$;
CREATE FUNCTION hostile.trap(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trap: text operator'; END $$;
CREATE OPERATOR hostile.= (FUNCTION = hostile.trap, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR hostile.<> (FUNCTION = hostile.trap, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR hostile.< (FUNCTION = hostile.trap, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR hostile.= (FUNCTION = hostile.trap, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR hostile.<> (FUNCTION = hostile.trap, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION hostile.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$ BEGIN RAISE 'trap: unnest'; END $$;
CREATE FUNCTION hostile.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trap: format'; END $$;
CREATE TABLE hostile.pg_class (oid oid, relname name, relnamespace oid, relowner oid, relkind "char");
CREATE TABLE hostile.pg_trigger (oid oid);
CREATE TABLE hostile.pg_constraint (oid oid);
CREATE TABLE hostile.registered_table (relation regclass);
CREATE TABLE hostile.relationship (name text);
CREATE TABLE hostile.principal (principal text);
CREATE DOMAIN hostile.text AS pg_catalog.text CHECK (false);
CREATE DOMAIN hostile.int4 AS pg_catalog.int4 CHECK (false);
CREATE DOMAIN hostile.regclass AS pg_catalog.regclass CHECK (false);
CREATE DOMAIN hostile.behavior AS pg_catalog.text CHECK (false);

CREATE TABLE path.account (id integer PRIMARY KEY, owner pg_catalog.text);
CREATE TABLE path.contact (id integer PRIMARY KEY, account_id integer, owner pg_catalog.text, is_open boolean);
CREATE TABLE path.node (id integer PRIMARY KEY, parent_id integer, owner pg_catalog.text);
CREATE TABLE path.activity (id integer PRIMARY KEY);

-- What is done under each search_path: declarations, statements, refusals; it ends by undoing all of it.
CREATE FUNCTION path.exercise() RETURNS SETOF pg_catalog.text LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  PERFORM relmeta.register_table('path.account', 'owner');
  PERFORM relmeta.register_table('path.contact', 'owner', 'is_open');
  PERFORM relmeta.register_table('path.node', 'owner');
  RETURN NEXT relmeta.create_one_to_many('path.account', 'path.contact', 'account_id', preset => 'parental', foreign_key => false);
  RETURN NEXT relmeta.create_one_to_many('path.node', 'path.node', 'parent_id', preset => 'parental', is_hierarchical => true);
  RETURN NEXT relmeta.create_one_to_many('path.account', 'path.contact', 'second_id', required => false);
  RETURN NEXT relmeta.create_multi_table_lookup('path.activity', 'regarding_id', '{path.account,path.node}');
  PERFORM relmeta.update_relationship('account_contact', assign => 'active');

  INSERT INTO path.account VALUES (1, 'u'), (2, 'u');
  INSERT INTO path.contact VALUES (10, 1, 'u', true), (11, 1, 'u', false), (20, 2, NULL, true);
  INSERT INTO path.node VALUES (1, NULL, 'u'), (2, 1, 'u'), (3, 2, 'u');
  INSERT INTO path.activity VALUES (1, 1, 'account'), (2, 1, 'node');
  UPDATE path.account SET owner = 'v';
  UPDATE path.node SET owner = 'v' WHERE id OPERATOR(pg_catalog.=) 2;
  RETURN NEXT (SELECT pg_catalog.string_agg(owner, ' ' ORDER BY id) FROM path.contact);
  RETURN NEXT (SELECT pg_catalog.string_agg(owner, ' ' ORDER BY id) FROM path.node);
  RETURN NEXT relmeta.assign('path.account', 1, 'w');
  RETURN NEXT relmeta.assign('path.account', '2', 'w');
  BEGIN
    INSERT INTO path.contact VALUES (30, 3);
    RETURN NEXT 'accepted';
  EXCEPTION WHEN foreign_key_violation THEN
    RETURN NEXT 'guarded';
  END;
  BEGIN
    UPDATE path.account SET owner = 'nobody';
    RETURN NEXT 'accepted';
  EXCEPTION WHEN foreign_key_violation THEN
    RETURN NEXT 'validated';
  END;
  BEGIN
    UPDATE path.node SET parent_id = 3 WHERE id OPERATOR(pg_catalog.=) 1;
    RETURN NEXT 'accepted';
  EXCEPTION WHEN check_violation THEN
    RETURN NEXT 'no loop';
  END;
  BEGIN
    TRUNCATE path.account CASCADE;
    RETURN NEXT 'accepted';
  EXCEPTION WHEN feature_not_supported THEN
    RETURN NEXT 'not truncated';
  END;
  UPDATE path.account SET id = 3 WHERE false;
  DELETE FROM path.account WHERE id OPERATOR(pg_catalog.=) 1;
  DELETE FROM path.node WHERE id OPERATOR(pg_catalog.=) 2;
  SELECT pg_catalog.count(*) INTO n FROM path.contact;
  RETURN NEXT n;
  SELECT pg_catalog.count(*) INTO n FROM path.node;
  RETURN NEXT n;
  RETURN NEXT (SELECT pg_catalog.string_agg(pg_catalog.concat(regarding_id, regarding_type), ' ' ORDER BY id) FROM path.activity);
  SELECT pg_catalog.count(*) INTO n FROM relmeta.one_to_many WHERE related_table::oid OPERATOR(pg_catalog.=) 'path.contact'::pg_catalog.regclass::oid;
  RETURN NEXT n;
  SELECT pg_catalog.count(*) INTO n FROM relmeta.adoptable;
  PERFORM relmeta.drop_relationship('account_activity', drop_storage => false);
  PERFORM relmeta.drop_relationship('node_activity', drop_storage => true);
  PERFORM relmeta.drop_relationship('account_contact', drop_storage => true);
  PERFORM relmeta.drop_relationship('account_contact_second_id', drop_storage => true);
  PERFORM relmeta.drop_relationship('node_node');
  PERFORM relmeta.alter_column_type('path.account', 'id', 'bigint');
  PERFORM relmeta.alter_column_type('path.account', 'id', 'integer');
  PERFORM relmeta.unregister_table('path.account');
  PERFORM relmeta.unregister_table('path.contact');
  PERFORM relmeta.unregister_table('path.node');
  PERFORM relmeta.unregister_table('path.activity');
  DROP TABLE path.contact;
  ALTER TABLE path.node DROP CONSTRAINT node_node;
  TRUNCATE path.account, path.node, path.activity;
  CREATE TABLE path.contact (id integer PRIMARY KEY, account_id integer, owner pg_catalog.text, is_open boolean);
END $$;

SET search_path = '';
SELECT path.exercise();
-- => account_contact
-- => node_node
-- => account_contact_second_id
-- => {account_activity,node_activity}
-- => v u v
-- => u v v
-- => 2
-- => 2
-- => guarded
-- => validated
-- => no loop
-- => not truncated
-- => 1
-- => 1
-- =>  1node
-- => 2
SET search_path = hostile, pg_catalog;
SELECT path.exercise();
-- => account_contact
-- => node_node
-- => account_contact_second_id
-- => {account_activity,node_activity}
-- => v u v
-- => u v v
-- => 2
-- => 2
-- => guarded
-- => validated
-- => no loop
-- => not truncated
-- => 1
-- => 1
-- =>  1node
-- => 2
SET search_path = hostile, relmeta, path, pg_catalog, pg_temp;
SELECT path.exercise();
-- => account_contact
-- => node_node
-- => account_contact_second_id
-- => {account_activity,node_activity}
-- => v u v
-- => u v v
-- => 2
-- => 2
-- => guarded
-- => validated
-- => no loop
-- => not truncated
-- => 1
-- => 1
-- =>  1node
-- => 2
SET search_path = path, hostile;
SELECT path.exercise();
-- => account_contact
-- => node_node
-- => account_contact_second_id
-- => {account_activity,node_activity}
-- => v u v
-- => u v v
-- => 2
-- => 2
-- => guarded
-- => validated
-- => no loop
-- => not truncated
-- => 1
-- => 1
-- =>  1node
-- => 2

RESET ROLE;
RESET search_path;
DROP SCHEMA path, hostile CASCADE;
DROP ROLE regress_path;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
