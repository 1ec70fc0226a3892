-- whole_table: where so many rows are asked for that reading the whole table is cheaper than to look for each, they are found, locked and
-- matched without a statement; what comes of it is the same.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA whole_table;
SET search_path = whole_table, public;
SELECT relmeta.create_user(name) FROM unnest('{ann,bob,cat,dan}'::text[]) AS name;
-- =>
-- =>
-- =>
-- =>

-- plans, so far, of statements that look for related rows, and for rows by their keys
CREATE FUNCTION plans() RETURNS text LANGUAGE sql AS $$
SELECT format('related %s, by key %s', count(*) FILTER (WHERE ident LIKE 'SELECT c.id%'), count(*) FILTER (WHERE ident LIKE 'SELECT t.id%'))
FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%unnest%'
$$;

--
-- So many primary rows with four related rows each, of which every third is inactive and every fourth dan's; ten more, bob's, are not asked for
--
CREATE FUNCTION world(asked int, key text DEFAULT 'int') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE top (id %s PRIMARY KEY, owner text)', key);
  EXECUTE format('CREATE TABLE below (gone int, id int PRIMARY KEY, top_id %s, owner text, active boolean, note text)', key);
  INSERT INTO top SELECT i, CASE WHEN i <= asked THEN 'ann' ELSE 'bob' END FROM generate_series(asked + 10, 1, -1) AS i;
  INSERT INTO below SELECT 0, i, 1 + i % (asked + 10), CASE WHEN i % 4 = 0 THEN 'dan' ELSE 'ann' END, i % 3 <> 0, 'x' FROM generate_series(4 * asked + 40, 1, -1) AS i;
  ALTER TABLE below DROP COLUMN gone;
  PERFORM relmeta.register_table('top', 'owner'), relmeta.register_table('below', 'owner', 'active');
  PERFORM relmeta.create_one_to_many('top', 'below', 'top_id', 'r', preset => 'parental');
END $$;
CREATE FUNCTION keys() RETURNS text[] LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT array_agg(id::text) FROM top WHERE owner = 'ann'); END $$;
-- what the principal holds is what each row's primary row gives it
CREATE FUNCTION entries(who text, matches text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found bigint; wanted bigint; all_found bigint;
BEGIN
  EXECUTE format('SELECT count(e.object), count(b.id), count(*) FROM (SELECT object FROM relmeta_access.below WHERE principal = %L) AS e'
    ' FULL JOIN (SELECT id FROM below WHERE top_id IN (SELECT id FROM top WHERE owner = ''ann'') AND %s) AS b ON b.id = e.object', who, matches) INTO found, wanted, all_found;
  RETURN CASE WHEN found = wanted AND found = all_found THEN found::text ELSE format('%s of %s, %s in all', found, wanted, all_found) END;
END $$;
CREATE FUNCTION tried() RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  PERFORM relmeta.share_many('top', keys(), '{cat}', '{read}');
  found := 'all ' || entries('cat', 'true');
  PERFORM relmeta.unshare_many('top', keys(), '{cat}');
  found := found || ', left ' || entries('cat', 'false');
  PERFORM relmeta.share_many('top', keys(), '{dan}', '{read}');
  found := found || ', not one''s own ' || entries('dan', 'owner <> ''dan''');
  PERFORM relmeta.unshare_many('top', keys(), '{dan}');
  PERFORM relmeta.update_relationship('r', share => 'active', unshare => 'active');
  PERFORM relmeta.share_many('top', keys(), '{cat}', '{read}');
  found := found || ', active ' || entries('cat', 'active');
  PERFORM relmeta.unshare_many('top', keys(), '{cat}');
  PERFORM relmeta.update_relationship('r', share => 'user_owned', unshare => 'user_owned');
  PERFORM relmeta.share_many('top', keys(), '{cat}', '{read}');
  found := found || ', user_owned ' || entries('cat', 'owner = ''ann''');
  PERFORM relmeta.unshare_many('top', keys(), '{cat}');
  RETURN found || ', left ' || entries('cat', 'false');
END $$;

-- no statement is made for it
BEGIN; SELECT world(50); SELECT tried(), plans(); ROLLBACK;
-- =>
-- => all 200, left 0, not one's own 148, active 132, user_owned 148, left 0|related 0, by key 0
BEGIN; SELECT world(50, 'text'); SELECT tried(), plans(); ROLLBACK;
-- =>
-- => all 200, left 0, not one's own 148, active 132, user_owned 148, left 0|related 0, by key 0
-- more rows than work_mem holds are sorted by one, before they are locked
BEGIN; SELECT world(750); SELECT tried(), plans(); ROLLBACK;
-- =>
-- => all 3000, left 0, not one's own 2248, active 2001, user_owned 2248, left 0|related 0, by key 0
BEGIN; SET LOCAL work_mem = '64kB'; SELECT world(750); SELECT tried(), plans(); ROLLBACK;
-- =>
-- => all 3000, left 0, not one's own 2248, active 2001, user_owned 2248, left 0|related 2, by key 0
-- where few of many rows are asked for, one that may go by the index
BEGIN; SELECT world(50); INSERT INTO top SELECT i, 'bob' FROM generate_series(1000, 9000) AS i; SELECT tried(), plans(); ROLLBACK;
-- =>
-- => all 200, left 0, not one's own 148, active 132, user_owned 148, left 0|related 2, by key 2
BEGIN;
SELECT world(50);
-- =>
INSERT INTO below SELECT i, NULL, 'ann', true, 'x' FROM generate_series(1000, 9000) AS i;
SELECT tried(), plans();
-- => all 200, left 0, not one's own 148, active 132, user_owned 148, left 0|related 5, by key 2
ROLLBACK;

--
-- An assign of many is carried down without a statement, where nobody could tell: the ten rows that are bob's, and what hangs on them, stay
--
CREATE FUNCTION assigned(who text, matches text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found bigint; wrong bigint;
BEGIN
  CREATE TEMP TABLE before AS TABLE below;
  UPDATE top SET owner = who WHERE owner = 'ann';
  EXECUTE format('SELECT count(*) FILTER (WHERE n.owner = %1$L), count(*) FILTER (WHERE (n.owner = %1$L) <>'
    ' (b.owner = %1$L OR t.owner = %1$L AND (%2$s))) FROM below AS n JOIN before AS b USING (id) JOIN top AS t ON t.id = n.top_id', who, matches)
    INTO found, wrong;
  DROP TABLE before;
  RETURN format('%s, %s wrong, %s statements', found, wrong, (SELECT count(*) FROM pg_backend_memory_contexts
    WHERE name = 'CachedPlanSource' AND ident LIKE 'UPDATE whole_table.below%'));
END $$;
SELECT world(50);
-- =>
BEGIN; SELECT assigned('cat', 'true'); ROLLBACK;
-- => 200, 0 wrong, 0 statements
VACUUM ANALYZE top, below;
BEGIN; SELECT relmeta.update_relationship('r', assign => 'active'); SELECT assigned('cat', 'b.active'); ROLLBACK;
-- =>
-- => 132, 0 wrong, 0 statements
VACUUM ANALYZE top, below;
BEGIN; SELECT relmeta.update_relationship('r', assign => 'user_owned'); SELECT assigned('cat', 'b.owner = ''ann'''); ROLLBACK;
-- =>
-- => 148, 0 wrong, 0 statements
VACUUM ANALYZE top, below;
-- rows that are dan's already stay as they are
BEGIN; SELECT assigned('dan', 'true'); ROLLBACK;
-- => 208, 0 wrong, 0 statements
VACUUM ANALYZE top, below;
-- where a trigger of the application's stands there, a statement
BEGIN;
CREATE TABLE fired (id int);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO fired VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER fire AFTER UPDATE ON below FOR EACH ROW EXECUTE FUNCTION fire();
SELECT assigned('cat', 'true');
-- => 200, 0 wrong, 1 statements
SELECT count(*) FROM fired;
-- => 200
ROLLBACK;
DROP TABLE top, below;

--
-- A multi-table lookup: rows of the other type with the same keys are not found
--
BEGIN;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text);
CREATE TABLE task (id int PRIMARY KEY, customer_id int, customer_type text, owner text);
INSERT INTO account SELECT i, 'ann' FROM generate_series(1, 60) AS i;
INSERT INTO contact TABLE account;
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,task}'::regclass[]) AS t;
-- =>
-- =>
-- =>
SELECT cardinality(relmeta.create_multi_table_lookup('task', 'customer_id', '{account,contact}', preset => 'parental'));
-- => 2
INSERT INTO task SELECT i, 1 + i % 60, CASE WHEN i % 3 = 0 THEN 'contact' ELSE 'account' END, 'ann' FROM generate_series(1, 120) AS i;
SELECT relmeta.share_many('account', array_agg(id::text), '{cat}') FROM account;
-- => 140
SELECT count(*), count(*) FILTER (WHERE object % 3 = 0) FROM relmeta_access.task WHERE principal = 'cat';
-- => 80|0
SELECT relmeta.share_many('contact', array_agg(id::text), '{bob}') FROM contact;
-- => 100
SELECT relmeta.unshare_many('account', array_agg(id::text), '{cat}') FROM account;
-- => 140
SELECT principal, count(*) FROM relmeta_access.task GROUP BY principal;
-- => bob|40
ROLLBACK;

--
-- Keys that are equal and not written alike cannot be told by their images
--
CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
BEGIN;
SELECT world(50, 'text COLLATE no_case');
-- =>
INSERT INTO top SELECT 'key' || i, 'ann' FROM generate_series(1, 50) AS i;
UPDATE below SET top_id = 'KEY' || top_id WHERE top_id::int <= 50;
SELECT relmeta.share_many('top', array_agg('Key' || i), '{cat}', '{read}') FROM generate_series(1, 50) AS i;
-- => 250
SELECT count(*) FROM relmeta_access.below WHERE principal = 'cat';
-- => 200
SELECT relmeta.unshare_many('top', array_agg('kEy' || i), '{cat}') FROM generate_series(1, 50) AS i;
-- => 250
ROLLBACK;

--
-- A lookup that was taken from relmeta and given another type than the key is not compared as if it were of that
--
BEGIN;
SELECT world(50, 'text');
-- =>
SET LOCAL session_replication_role = replica;
DROP TRIGGER relmeta_row_update ON below;
ALTER TABLE below DROP CONSTRAINT r, ALTER COLUMN top_id TYPE int USING top_id::int;
SET LOCAL session_replication_role = origin;
SELECT relmeta.share_many('top', keys(), '{cat}', '{read}');
-- => ERROR:  42883
ROLLBACK;

--
-- What a principal holds by another ground, of many rows at once: nothing of that is taken below (SEMANTICS 3.3)
--
BEGIN;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE task (id int PRIMARY KEY, contact_id int, owner text);
INSERT INTO account VALUES (1, 'ann');
INSERT INTO contact SELECT i, 1, 'ann' FROM generate_series(1, 60) AS i;
INSERT INTO task SELECT i, 1 + i % 60, 'ann' FROM generate_series(1, 120) AS i;
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,task}'::regclass[]) AS t;
-- =>
-- =>
-- =>
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'contacts', preset => 'parental');
-- => contacts
SELECT relmeta.create_one_to_many('contact', 'task', 'contact_id', 'tasks', preset => 'parental');
-- => tasks
SELECT relmeta.share('account', 1, 'cat', '{read}');
-- => 181
SELECT relmeta.share_many('contact', array_agg(id::text), '{cat,bob}', '{read,write}') FROM contact;
-- => 360
SELECT relmeta.share_many('contact', array_agg(id::text), '{cat}', '{append}') FROM contact WHERE id <= 20;
-- => 60
-- the account still gives cat read; bob holds nothing more
SELECT relmeta.unshare_many('contact', array_agg(id::text), '{cat,bob}', '{read,write}') FROM contact;
-- => 360
SELECT principal, cause, mask, count(*) FROM relmeta_access.contact GROUP BY 1, 2, 3 ORDER BY 1, 2;
-- => cat|d|4|20
-- => cat|s|1|60
SELECT principal, cause, mask, count(*) FROM relmeta_access.task GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- => cat|s|1|80
-- => cat|s|5|40
ROLLBACK;

--
-- Entries that are made together stand in every index of the table, one of some entries, or of an expression, that an administrator made,
-- as well
--
SELECT world(750);
-- =>
CREATE UNIQUE INDEX of_some ON relmeta_access.below (principal) WHERE object < 0;
SELECT relmeta.share_many('top', keys(), '{bob}', '{read}');
-- => 3750
DROP INDEX relmeta_access.of_some;
SELECT relmeta.unshare_many('top', keys(), '{bob}');
-- => 3750
CREATE INDEX made ON relmeta_access.below ((object % 10));
CREATE FUNCTION found(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE by_index bigint; from_all bigint;
BEGIN
  SET LOCAL enable_seqscan = on;
  SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off;
  EXECUTE 'SELECT count(*) FROM relmeta_access.below WHERE ' || condition INTO from_all;
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on;
  EXECUTE 'SELECT count(*) FROM relmeta_access.below WHERE ' || condition INTO by_index;
  RETURN format('%s, %s by index', from_all, by_index);
END $$;
SELECT relmeta.share_many('top', keys(), '{cat,bob}', '{read}');
-- => 7500
SELECT found('object % 10 = 3'), found('object > 0'), found('principal = ''cat''');
-- => 600, 600 by index|6000, 6000 by index|3000, 3000 by index
-- without them, in an order that is not that of an index: cat's come before dan's and behind bob's
DROP INDEX relmeta_access.made;
SELECT relmeta.unshare_many('top', keys(), '{cat}');
-- => 3750
SELECT relmeta.share_many('top', keys(), '{dan}', '{read}');
-- => 2998
SELECT relmeta.share_many('top', keys(), '{cat}', '{read}');
-- => 3750
SELECT found('object > 0'), found('principal = ''bob'''), found('principal = ''cat'''), found('principal = ''dan''');
-- => 8248, 8248 by index|3000, 3000 by index|3000, 3000 by index|2248, 2248 by index
-- what the rows get differs from one to the next
SELECT relmeta.unshare_many('top', keys(), '{bob,cat,dan}');
-- => 10498
SELECT relmeta.share_many('top', array_agg(id::text), '{cat}', '{read}'), relmeta.share_many('top', array_agg(id::text), '{bob}', '{write}')
  FROM top WHERE id <= 40;
-- => 200|200
SELECT relmeta.share_many('top', array_agg(id::text), '{cat}', '{write,share}') FROM top WHERE id <= 40 AND id % 3 = 0;
-- => 65
INSERT INTO below SELECT 10000 + i, 1 + i % 50, 'ann', true, 'x' FROM generate_series(0, 999) AS i;
SELECT principal, mask, count(*), count(*) FILTER (WHERE top_id % 3 = 0) FROM relmeta_access.below AS e JOIN below AS b ON b.id = e.object
  WHERE b.id >= 10000 GROUP BY 1, 2 ORDER BY 1, 2;
-- => bob|2|800|260
-- => cat|1|540|0
-- => cat|262147|260|260
CREATE EXTENSION IF NOT EXISTS amcheck;
SELECT count(bt_index_check(indexrelid, true)) FROM pg_index WHERE indrelid = 'relmeta_access.below'::regclass;
-- => 2

DROP SCHEMA whole_table CASCADE;
SELECT relmeta.drop_principal(name) FROM unnest('{ann,bob,cat,dan}'::text[]) AS name;
-- =>
-- =>
-- =>
-- =>
