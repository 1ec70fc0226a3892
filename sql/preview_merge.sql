-- preview of a merge: what it says is what merge() does, and refuses, SEMANTICS 2.7, 3.6 and 3.13.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA pm;
SET search_path = pm;
SET relmeta.job_workers = 0;
SELECT count(relmeta.create_user('pm_' || i)) FROM generate_series(1, 5) i;
-- => 5
CREATE TABLE account (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, parent_id int, peer_id int);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, account_id int, other_id int);
CREATE TABLE task (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, contact_id int);
CREATE TABLE card (id int PRIMARY KEY, account_id int UNIQUE);
CREATE TABLE line (id int PRIMARY KEY, account_id int, number int, UNIQUE (account_id, number));
CREATE TABLE tag (id int PRIMARY KEY);
CREATE TABLE plain (id int PRIMARY KEY);
SELECT count(*) FROM (SELECT relmeta.register_table(t, 'owner_id', 'open') FROM unnest('{account,contact,task}'::regclass[]) t) r;
-- => 3
SELECT relmeta.create_one_to_many('account', 'account', 'parent_id', 'pm_parent', 'parental', foreign_key => false),
       relmeta.create_one_to_many('account', 'account', 'peer_id', 'pm_peer', 'referential', foreign_key => false),
       relmeta.create_one_to_many('account', 'contact', 'account_id', 'pm_contact', 'parental', foreign_key => false),
       relmeta.create_one_to_many('account', 'contact', 'other_id', 'pm_other', 'referential', foreign_key => false, merge => 'none'),
       relmeta.create_one_to_many('contact', 'task', 'contact_id', 'pm_task', 'parental', foreign_key => false),
       relmeta.create_one_to_many('account', 'card', 'account_id', 'pm_card', foreign_key => false),
       relmeta.create_one_to_many('account', 'line', 'account_id', 'pm_line', foreign_key => false);
-- => pm_parent|pm_peer|pm_contact|pm_other|pm_task|pm_card|pm_line
SELECT relmeta.create_many_to_many('account', 'tag', 'pm_tag'), relmeta.create_many_to_many('account', 'account', 'pm_rival', is_symmetric => true, allow_self => false);
-- => pm_tag|pm_rival
INSERT INTO account VALUES (1, 'pm_1', true, NULL, NULL), (2, 'pm_2', true, NULL, NULL), (3, 'pm_3', true, 2, 2), (4, 'pm_3', false, NULL, NULL), (5, 'pm_1', true, NULL, 2);
INSERT INTO contact VALUES (1, 'pm_1', true, 2, 2), (2, 'pm_2', true, 2, 1), (3, 'pm_3', true, 1, NULL);
INSERT INTO task VALUES (1, 'pm_1', true, 1), (2, 'pm_2', true, 2);
INSERT INTO card VALUES (1, 2);
INSERT INTO line VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO tag VALUES (1), (2), (3);
SELECT relmeta.associate('pm_tag', 1, 1), relmeta.associate('pm_tag', 2, 1), relmeta.associate('pm_tag', 2, 2), relmeta.associate('pm_rival', 2, 1), relmeta.associate('pm_rival', 2, 3);
SELECT count(relmeta.connect('account', a, 'account', b)) FROM (VALUES (1, 2), (2, 3), (2, 5)) c(a, b);
-- => 3
SELECT relmeta.share('account', 2, 'pm_4', '{read,write}');

-- levels, relationships and effects, in a transaction that may write nothing
BEGIN READ ONLY;
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '2');
COMMIT;
-- what it says of relationships is what merge() returns: connections last
SELECT * FROM (SELECT relationship, sum(rows) FILTER (WHERE effect = 'repointed'), sum(rows) FILTER (WHERE effect IN ('dropped', 'link removed'))
  FROM relmeta.preview('merge', 'account', '5', other_key => '2') WHERE effect IN ('repointed', 'dropped', 'link removed') GROUP BY 1) p ORDER BY 1;
BEGIN;
SELECT relationship, nullif(rows, 0), nullif(dropped, 0) FROM relmeta.merge('account', '5', '2') ORDER BY 1;
ROLLBACK;
-- rows that a unique key keeps from being the master's: merge() raises 23505
INSERT INTO card VALUES (2, 1);
SELECT relationship, effect, rows FROM relmeta.preview('merge', 'account', 1, other_key => '2') WHERE relationship = 'pm_card';
-- => pm_card|blocked|1
SELECT relmeta.merge('account', 1, 2);
-- => 23505
DELETE FROM card WHERE id = 2;
INSERT INTO line VALUES (3, 2, 1);
SELECT relationship, effect, rows FROM relmeta.preview('merge', 'account', 1, other_key => '2') WHERE relationship = 'pm_line';
-- => pm_line|blocked|1
-- => pm_line|repointed|1
DELETE FROM line WHERE id = 3;

-- what merge() refuses
SELECT * FROM relmeta.preview('merge', 'account', 1);
-- => 22023
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => 'x');
-- => 22P02
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '99');
-- => P0002
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '1');
-- => 55000
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '4');
-- => 55000
SELECT * FROM relmeta.preview('merge', 'account', 4, other_key => '1');
-- => 55000
SELECT * FROM relmeta.preview('merge', 'account', 3, other_key => '2');
-- => 55000
SELECT * FROM relmeta.preview('merge', 'line', 1, other_key => '2');
-- => 55000
CREATE ROLE regress_pm_other;
GRANT USAGE ON SCHEMA pm TO regress_pm_other;
GRANT SELECT ON account TO regress_pm_other;
SET ROLE regress_pm_other;
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '2');
-- => 42501
RESET ROLE;
GRANT UPDATE (open) ON account TO regress_pm_other;
SET ROLE regress_pm_other;
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '2');
-- => 42501
RESET ROLE;
-- who merges holds write and share on both, and what he gives
SELECT relmeta.create_user('pm_6', 'regress_pm_other');
SELECT relmeta.share('account', 1, 'pm_6', '{read,write,share}'), relmeta.share('account', 2, 'pm_6', '{read,write}');
SET ROLE regress_pm_other;
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '2');
-- => 42501
RESET ROLE;
SELECT relmeta.share('account', 2, 'pm_6', '{share}');
SET ROLE regress_pm_other;
SELECT count(*) > 0 FROM relmeta.preview('merge', 'account', 1, other_key => '2');
-- => t
RESET ROLE;
SELECT relmeta.share('account', 2, 'pm_4', '{delete}');
SET ROLE regress_pm_other;
SELECT * FROM relmeta.preview('merge', 'account', 1, other_key => '2');
-- => 42501
SELECT relmeta.merge('account', 1, 2);
-- => 42501
RESET ROLE;

-- Random rows: preview, merge, compare what merge() returns and what is stored before and after.
CREATE FUNCTION stored() RETURNS TABLE (relation regclass, key text, entries jsonb) LANGUAGE plpgsql AS $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT r.relation, r.entry_table FROM relmeta.registered_table r JOIN pg_class c ON c.oid = r.relation WHERE c.relnamespace = 'pm'::regnamespace AND r.entry_table IS NOT NULL LOOP
    RETURN QUERY EXECUTE format('SELECT %L::regclass, a.id::text, (SELECT jsonb_object_agg(e.relationship || '' '' || e.principal || '' '' || e.cause::text, e.mask) FROM %s e WHERE e.object = a.id) FROM %s a',
      t.relation::oid, t.entry_table, t.relation);
  END LOOP;
END $$;
CREATE TABLE was (relation regclass, key text, entries jsonb);
CREATE TABLE foretold (relationship text, effect text, rows bigint);
CREATE TABLE came (relationship text, effect text, rows bigint);
CREATE FUNCTION differs() RETURNS TABLE (relationship text, effect text, rows bigint) LANGUAGE sql AS $$
  WITH e AS (SELECT w.relation, w.key, k AS name, coalesce((w.entries->>k)::int, 0) AS was, coalesce((s.entries->>k)::int, 0) AS mask
             FROM pm.was w JOIN pm.stored() s USING (relation, key), LATERAL (SELECT jsonb_object_keys(w.entries) UNION SELECT jsonb_object_keys(s.entries)) AS x(k))
  SELECT r.name, 'inherits', count(DISTINCT (e.relation, e.key)) FROM e JOIN relmeta.relationship r ON r.relationship_id = split_part(e.name, ' ', 1)::int WHERE mask & ~was <> 0 GROUP BY 1
  UNION ALL
  SELECT r.name, 'loses', count(DISTINCT (e.relation, e.key)) FROM e JOIN relmeta.relationship r ON r.relationship_id = split_part(e.name, ' ', 1)::int WHERE was & ~mask <> 0 GROUP BY 1
  UNION ALL
  SELECT NULL, 'shared', count(DISTINCT (e.relation, e.key)) FROM e WHERE name LIKE '0 %' AND mask & ~was <> 0 HAVING count(*) > 0
$$;
CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  b text[] := '{none,all,active,user_owned}';
  r text;
BEGIN
  DELETE FROM pm.task; DELETE FROM pm.contact; DELETE FROM pm.card; DELETE FROM pm.line; DELETE FROM pm.account;
  FOREACH r IN ARRAY '{pm_parent,pm_contact,pm_task}'::text[] LOOP
    PERFORM relmeta.update_relationship(r, reparent => b[1 + (random() * 3)::int], share => b[1 + (random() * 3)::int], unshare => b[1 + (random() * 3)::int],
      merge => (ARRAY['all', 'all', 'none'])[1 + (random() * 2)::int], revoke_inherited => false);
  END LOOP;
  FOR i IN 1 .. 8 LOOP
    INSERT INTO pm.account VALUES (i, 'pm_' || (1 + random() * 4)::int, random() < 0.9, nullif((random() * (i - 1))::int, 0));
  END LOOP;
  UPDATE pm.account SET peer_id = nullif((random() * 8)::int, 0);
  INSERT INTO pm.contact SELECT x, CASE WHEN random() < 0.9 THEN 'pm_' || (1 + random() * 4)::int END, random() < 0.7, nullif((random() * 8)::int, 0), nullif((random() * 8)::int, 0) FROM generate_series(1, 20) x;
  INSERT INTO pm.task SELECT x, 'pm_' || (1 + random() * 4)::int, random() < 0.7, nullif((random() * 20)::int, 0) FROM generate_series(1, 30) x;
  INSERT INTO pm.line SELECT x, 1 + (random() * 7)::int, x FROM generate_series(1, 10) x;
  PERFORM relmeta.associate('pm_tag', a, t) FROM generate_series(1, 8) a, generate_series(1, 3) t WHERE random() < 0.4;
  PERFORM relmeta.associate('pm_rival', a, t) FROM generate_series(1, 8) a, generate_series(1, 8) t WHERE a < t AND random() < 0.2;
  PERFORM relmeta.connect('account', a, 'account', t) FROM generate_series(1, 8) a, generate_series(1, 8) t WHERE a <> t AND random() < 0.1;
  PERFORM relmeta.share('account', a.id, p, '{read,write}') FROM pm.account a, unnest('{pm_1,pm_2,pm_3,pm_4,pm_5}'::text[]) p WHERE a.owner_id <> p AND random() < 0.3;
END $$;
CREATE FUNCTION play(n int, OUT merged int, OUT refused int, OUT differing int) LANGUAGE plpgsql AS $$
DECLARE
  m int;
  s int;
  said text;
  did text;
BEGIN
  merged := 0; refused := 0; differing := 0;
  FOR i IN 1 .. n LOOP
    IF i % 10 = 1 THEN PERFORM pm.fill(); END IF;
    m := 1 + (random() * 7)::int; s := 1 + (random() * 7)::int;
    said := ''; did := '';
    TRUNCATE pm.was, pm.foretold, pm.came;
    INSERT INTO pm.was SELECT * FROM pm.stored();
    BEGIN
      INSERT INTO pm.foretold SELECT p.relationship, CASE p.effect WHEN 'link removed' THEN 'dropped' ELSE p.effect END, sum(p.rows)
        FROM relmeta.preview('merge', 'pm.account', m, other_key => s::text) p GROUP BY 1, 2;
    EXCEPTION WHEN OTHERS THEN said := SQLSTATE;
    END;
    BEGIN
      INSERT INTO pm.came SELECT r.relationship, e.effect, e.rows FROM relmeta.merge('pm.account', m, s) r, LATERAL (VALUES ('repointed', r.rows), ('dropped', r.dropped)) AS e(effect, rows) WHERE e.rows > 0;
      INSERT INTO pm.came SELECT * FROM pm.differs();
    EXCEPTION WHEN OTHERS THEN did := SQLSTATE;
    END;
    IF did = '' THEN merged := merged + 1; ELSE refused := refused + 1; END IF;
    IF said <> did OR EXISTS ((TABLE pm.came EXCEPT TABLE pm.foretold) UNION ALL (TABLE pm.foretold EXCEPT TABLE pm.came)) THEN
      differing := differing + 1;
      IF differing = 1 THEN
        RAISE WARNING '% % % %: foretold %, came %', m, s, said, did, (SELECT json_agg(f ORDER BY f.*) FROM pm.foretold f), (SELECT json_agg(f ORDER BY f.*) FROM pm.came f);
        RAISE WARNING '%', (SELECT json_agg(o) FROM relmeta.one_to_many o WHERE name LIKE 'pm_%');
      END IF;
    END IF;
  END LOOP;
END $$;
SELECT setseed(0.36);
SELECT merged > 25, refused > 15, differing FROM play(150);
-- => t|t|0
DROP SCHEMA pm CASCADE;
SELECT count(relmeta.drop_principal('pm_' || i)) FROM generate_series(1, 6) i;
-- => 6
DROP ROLE regress_pm_other;
