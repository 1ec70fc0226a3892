-- key_types: keys and owners of any type with a default btree operator class, compared by that type's own equality.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_key_types;
CREATE SCHEMA key_types AUTHORIZATION regress_key_types;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_key_types;
SET search_path = key_types;

-- The whole of the engine with keys of one type: a, b and c are three keys, also_a is another way to write a.
CREATE FUNCTION try_type(type text, a text, b text, c text, also_a text, foreign_key boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  report text := '';
  n bigint;
  relationship text;
BEGIN
  EXECUTE format('CREATE TABLE one (id %s PRIMARY KEY, owner text)', type);
  EXECUTE format('CREATE TABLE many (id serial PRIMARY KEY, one_id %s, owner text)', type);
  EXECUTE format('INSERT INTO one VALUES (%L, ''u''), (%L, ''u'')', a, b);
  EXECUTE format('INSERT INTO many (one_id, owner) VALUES (%L, ''u''), (%L, NULL), (%L, ''u'')', a, a, b);
  PERFORM relmeta.register_table('one', 'owner'), relmeta.register_table('many', 'owner');
  relationship := relmeta.create_one_to_many('one', 'many', 'one_id', preset => 'parental', foreign_key => try_type.foreign_key);

  -- assign by UPDATE, by assign() with the key as text and as its type
  EXECUTE format('UPDATE one SET owner = ''v'' WHERE id = %L::%s', a, type);
  SELECT count(*) INTO n FROM many WHERE owner = 'v';
  report := report || n;
  report := report || relmeta.assign('one', also_a, 'u');
  EXECUTE format('SELECT relmeta.assign(''one'', %L::%s, ''v'')', a, type) INTO n;
  report := report || n || ' ';

  -- the guard of the lookup
  BEGIN
    EXECUTE format('INSERT INTO many (one_id) VALUES (%L)', c);
    report := report || 'accepted ';
  EXCEPTION WHEN OTHERS THEN
    report := report || SQLSTATE || ' ';
  END;
  EXECUTE format('INSERT INTO many (one_id, owner) VALUES (%L, ''u'')', also_a);
  BEGIN
    EXECUTE format('UPDATE many SET one_id = %L::%s', c, type);
    report := report || 'accepted ';
  EXCEPTION WHEN OTHERS THEN
    report := report || SQLSTATE || ' ';
  END;

  -- delete: restrict, remove_link, all
  PERFORM relmeta.update_relationship(relationship, assign => 'none', reparent => 'none', share => 'none', unshare => 'none', delete => 'restrict', revoke_inherited => false);
  BEGIN
    EXECUTE format('DELETE FROM one WHERE id = %L::%s', a, type);
    report := report || 'deleted ';
  EXCEPTION WHEN restrict_violation OR foreign_key_violation THEN
    report := report || 'refused ';
  END;
  PERFORM relmeta.update_relationship(relationship, delete => 'remove_link');
  EXECUTE format('DELETE FROM one WHERE id = %L::%s', also_a, type);
  SELECT count(*) INTO n FROM many WHERE one_id IS NULL;
  report := report || n;
  PERFORM relmeta.update_relationship(relationship, delete => 'all');
  EXECUTE format('DELETE FROM one WHERE id = %L::%s', b, type);
  SELECT count(*) INTO n FROM many;
  report := report || n;
  DROP TABLE many, one;
  RETURN report;
END $$;

CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE DOMAIN code AS varchar(5) CHECK (VALUE <> '');
CREATE TYPE pair AS (x int, y text);
-- every line: 2 contacts followed, 3 rows by each assign(), 23503 twice, refused, 3 links removed, 3 rows left
SELECT t[1], try_type(t[1], t[2], t[3], t[4], t[5], false), try_type(t[1], t[2], t[3], t[4], t[5], true)
FROM (VALUES
  (ARRAY['int', '1', '2', '3', ' 1']),
  (ARRAY['bigint', '10000000000', '2', '-3', '+10000000000']),
  (ARRAY['smallint', '1', '2', '3', '01']),
  (ARRAY['uuid', '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b01', '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b02', '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b03',
    '{0B9E0A5C4F0C4F7E9A512F0F6F2C9B01}']),
  (ARRAY['text', 'a', 'b''"', 'A', 'a']),
  (ARRAY['text COLLATE "C"', 'a', 'b\', '', 'a']),
  (ARRAY['varchar(20)', 'a', 'b', 'c', 'a']),
  (ARRAY['char(4)', 'a', 'b', 'c', 'a   ']),
  (ARRAY['name', 'a', 'b', 'c', 'a']),
  (ARRAY['numeric', '1', '2.5', '3', '1.00']),
  (ARRAY['float8', '0', '2.5', '3', '-0']),
  (ARRAY['date', '2024-02-29', '2024-03-01', '2024-03-02', '20240229']),
  (ARRAY['timestamptz', '2024-01-01 12:00+00', '2024-01-02 12:00+00', '2024-01-03 12:00+00', '2024-01-01 14:00+02']),
  (ARRAY['inet', '10.0.0.1', '::1', '10.0.0.2', '10.0.0.1/32']),
  (ARRAY['colour', 'red', 'green', 'blue', 'red']),
  (ARRAY['code', 'a', 'b', 'c', 'a']),
  (ARRAY['int[]', '{1,2}', '{}', '{3}', '[1:2]={1,2}']),
  (ARRAY['bytea', '\x01', '\x02', '\x03', '\001']),
  (ARRAY['pair', '(1,a)', '(2,)', '(3,)', '(1,"a")']),
  (ARRAY['jsonb', '{"a": 1}', '1', '2', '{"a":1}'])) v(t);

-- a key of a type without default btree operator class cannot be a primary key at all; an owner can be of one
CREATE TABLE dot (id int PRIMARY KEY, owner point);
SELECT relmeta.register_table('dot', 'owner');
-- => ERROR:  0A000

-- a lookup of another type than the key's is refused, though a foreign key would allow it
CREATE TABLE wide (id bigint PRIMARY KEY, owner text);
CREATE TABLE narrow (id int PRIMARY KEY, wide_id int REFERENCES wide, owner text);
SELECT relmeta.create_one_to_many('wide', 'narrow', 'wide_id');
-- => ERROR:  42804
SELECT relmeta.create_one_to_many('wide', 'narrow', 'wide_id', foreign_key => false);
-- => ERROR:  42804

-- owners: the principal's name goes through the owner type's input and output
RESET ROLE;
SELECT count(relmeta.create_user(u)) FROM unnest('{7,08,0B9E0A5C-4F0C-4F7E-9A51-2F0F6F2C9B01,0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b02}'::text[]) u;
SET ROLE regress_key_types;
CREATE TABLE by_number (id uuid PRIMARY KEY, owner bigint);
CREATE TABLE by_number_2 (id int PRIMARY KEY, by_number_id uuid, owner bigint);
INSERT INTO by_number VALUES ('0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b01', 7);
INSERT INTO by_number_2 VALUES (1, '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b01', 7), (2, '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b01', NULL);
SELECT relmeta.register_table('by_number', 'owner'), relmeta.register_table('by_number_2', 'owner');
SELECT relmeta.create_one_to_many('by_number', 'by_number_2', 'by_number_id', assign => 'user_owned', foreign_key => false);
-- => by_number_by_number_2
UPDATE by_number SET owner = 8;
SELECT id, owner FROM by_number_2 ORDER BY id;
-- => 1|8
-- => 2|
UPDATE by_number SET owner = 9;
-- => ERROR:  23503
SELECT relmeta.assign('by_number', '0B9E0A5C4F0C4F7E9A512F0F6F2C9B01', '7');
-- => 2
SELECT relmeta.assign('by_number', '0B9E0A5C4F0C4F7E9A512F0F6F2C9B01'::uuid, '08');
-- => 2
SELECT relmeta.assign('by_number', '0B9E0A5C4F0C4F7E9A512F0F6F2C9B01', '8');
-- => 0
-- "u" is a principal, but no number; 9 is a number, but no principal
SELECT relmeta.assign('by_number', '0B9E0A5C4F0C4F7E9A512F0F6F2C9B01', 'u');
-- => ERROR:  22023
SELECT relmeta.assign('by_number', '0B9E0A5C4F0C4F7E9A512F0F6F2C9B01', '9');
-- => ERROR:  23503
CREATE TABLE by_uuid (id text PRIMARY KEY, owner uuid);
INSERT INTO by_uuid VALUES ('a', '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b01');
SELECT relmeta.register_table('by_uuid', 'owner');
-- =>
UPDATE by_uuid SET owner = '0B9E0A5C-4F0C-4F7E-9A51-2F0F6F2C9B02';
UPDATE by_uuid SET owner = '0B9E0A5C-4F0C-4F7E-9A51-2F0F6F2C9B03';
-- => ERROR:  23503
SELECT relmeta.assign('by_uuid', 'a', '0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b01');
-- => 1
-- a relationship that cascades assign joins owners of one type only
SELECT relmeta.create_one_to_many('by_uuid', 'by_number', 'by_uuid_id', assign => 'all');
-- => ERROR:  42P17

-- blanks at the end of a character key do not count, where entries are found by hashing, too
CREATE TABLE padded (id bpchar PRIMARY KEY, owner text);
CREATE TABLE padded_part (id bpchar PRIMARY KEY, owner text);
SELECT relmeta.register_table('padded', 'owner');
-- =>
SELECT relmeta.register_table('padded_part', 'owner');
-- =>
SELECT relmeta.create_one_to_many('padded', 'padded_part', 'padded_id', preset => 'parental');
-- => padded_padded_part
INSERT INTO padded VALUES ('a', 'u');
INSERT INTO padded_part SELECT g::text, 'u', 'a ' FROM generate_series(1, 50) g;
SELECT relmeta.share('padded', 'a', 'v');
-- => 51
UPDATE padded_part SET id = (id::text || '  ')::bpchar;
SELECT count(*) FROM padded_part WHERE octet_length(id) > 2;
-- => 50
SELECT relmeta.unshare('padded', 'a', 'v');
-- => 51

RESET ROLE;
RESET search_path;
DROP SCHEMA key_types CASCADE;
DROP ROLE regress_key_types;
DO $$ BEGIN PERFORM relmeta.drop_principal(u)
  FROM unnest('{u,v,7,08,0B9E0A5C-4F0C-4F7E-9A51-2F0F6F2C9B01,0b9e0a5c-4f0c-4f7e-9a51-2f0f6f2c9b02}'::text[]) u; END $$;
