-- One predicate behind everything that tells who holds what.  After each of :rounds random changes (:seed) each principal is asked, with
-- and without a cap, which rows it finds and may lock for writing (row-level security), has_access() of random rows and rights,
-- principal_access() of all rows, explain_access() of some, shared_with(); the tables' owner is asked about each principal: 10,000 questions.
-- What is right is computed from what is stored, without relmeta's functions.  Differences are counted and printed.
\set QUIET on
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
\o /dev/null
CREATE EXTENSION IF NOT EXISTS relmeta;
DROP ROLE IF EXISTS predicate_app;
CREATE ROLE predicate_app;
CREATE SCHEMA predicate;
SET search_path = predicate, public;
SELECT setseed(:seed % 1000000 / 1000000.0);

-- owners are users 1 to 8 and teams 9 to 12, in tables of three types of owners; leaf is partitioned, top may have rights for everyone
CREATE TABLE who (nr int PRIMARY KEY, principal text, is_team boolean);
INSERT INTO who SELECT i, i::text, i > 8 FROM generate_series(1, 12) AS i;
SELECT CASE WHEN is_team THEN relmeta.create_team(principal) ELSE relmeta.create_user(principal) END FROM who;
CREATE TABLE top (id int PRIMARY KEY, owner text, n int DEFAULT 0);
CREATE TABLE mid (id bigint PRIMARY KEY, owner text, top_id int, n int DEFAULT 0);
CREATE TABLE leaf (id text PRIMARY KEY, owner text, mid_id bigint, n int DEFAULT 0) PARTITION BY HASH (id);
CREATE TABLE leaf_0 PARTITION OF leaf FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE leaf_1 PARTITION OF leaf FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE line (id int PRIMARY KEY, top_id int, n int DEFAULT 0);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{top,mid,leaf}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('top', 'mid', 'top_id', 'p_mid', preset => 'parental'),
  relmeta.create_one_to_many('mid', 'leaf', 'mid_id', 'p_leaf', share => 'all', reparent => 'all', unshare => 'all'),
  relmeta.create_one_to_many('top', 'line', 'top_id', 'p_line', share => 'all', reparent => 'all', delete => 'all');
CREATE FUNCTION somebody() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT (1 + floor(random() * 12))::int::text';
INSERT INTO top SELECT i, somebody() FROM generate_series(1, 25) AS i;
INSERT INTO mid SELECT i, somebody(), 1 + floor(random() * 25) FROM generate_series(1, 50) AS i;
INSERT INTO leaf SELECT 'l' || i, somebody(), 1 + floor(random() * 50) FROM generate_series(1, 40) AS i;
INSERT INTO line SELECT i, 1 + floor(random() * 25) FROM generate_series(1, 35) AS i;
SELECT relmeta.enable_access_control(t) FROM unnest('{top,mid,leaf,line}'::regclass[]) AS t;
CREATE INDEX ON top (owner);
GRANT USAGE ON SCHEMA predicate TO predicate_app;
GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA predicate TO predicate_app;
ANALYZE;

-- what is right: from owners, entries, members and everyone's rights as they are stored
CREATE TABLE bit (name relmeta.access_right, bit int);
INSERT INTO bit VALUES ('read', 1), ('write', 2), ('append', 4), ('append_to', 16), ('create', 32), ('delete', 65536), ('share', 262144), ('assign', 524288);
CREATE VIEW object AS
  SELECT 'top'::regclass AS relation, id::text AS key, owner FROM top UNION ALL SELECT 'mid', id::text, owner FROM mid
  UNION ALL SELECT 'leaf', id, owner FROM leaf UNION ALL SELECT 'line', id::text, NULL FROM line;
CREATE VIEW entry AS
  SELECT 'top'::regclass AS relation, object::text AS key, principal, cause = 'd' AS direct, mask FROM relmeta_access.top
  UNION ALL SELECT 'mid', object::text, principal, cause = 'd', mask FROM relmeta_access.mid
  UNION ALL SELECT 'leaf', object, principal, cause = 'd', mask FROM relmeta_access.leaf
  UNION ALL SELECT 'line', object::text, principal, cause = 'd', mask FROM relmeta_access.line;
CREATE VIEW member AS SELECT principal, principal AS holder FROM who UNION ALL SELECT member, team FROM relmeta.team_member;
CREATE UNLOGGED TABLE everyone (relation regclass, rights int);
CREATE UNLOGGED TABLE held (principal text, relation regclass, key text, mask int);
CREATE FUNCTION bits(rights relmeta.access_right[]) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT 1 * ('read' = ANY (rights))::int + 2 * ('write' = ANY (rights))::int + 4 * ('append' = ANY (rights))::int + 16 * ('append_to' = ANY (rights))::int + 32 * ('create' = ANY (rights))::int
    + 65536 * ('delete' = ANY (rights))::int + 262144 * ('share' = ANY (rights))::int + 524288 * ('assign' = ANY (rights))::int $$;
CREATE UNLOGGED TABLE truth (principal text, relation regclass, key text, rights int, cap int, PRIMARY KEY (principal, relation, key));
CREATE UNLOGGED TABLE answer (principal text, asked text, relation regclass, key text, bit int, came int);
CREATE TABLE differs (round int, change text, principal text, asked text, relation text, key text, expected int, came int);
GRANT SELECT ON bit, truth TO predicate_app;
GRANT INSERT ON answer TO predicate_app;

-- ATTACKS 70
-- one random change, said in words
CREATE FUNCTION change() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  o predicate.object; p text := predicate.somebody(); q text := predicate.somebody(); what int := floor(random() * 13);
  r relmeta.access_right[] := array(SELECT name FROM predicate.bit WHERE name <> 'create' AND random() < 0.5 OR name = 'read' AND random() < 0.8);
BEGIN
  SELECT * INTO o FROM predicate.object ORDER BY random() LIMIT 1;
  IF what IN (0, 1, 2) AND o.owner IS DISTINCT FROM p THEN PERFORM relmeta.share(o.relation, o.key, p, r); RETURN format('share %s %s with %s: %s', o.relation, o.key, p, r);
  ELSIF what = 3 AND o.owner IS DISTINCT FROM p THEN PERFORM relmeta.modify_share(o.relation, o.key, p, r); RETURN format('modify_share %s %s %s: %s', o.relation, o.key, p, r);
  ELSIF what = 4 THEN
    PERFORM relmeta.unshare(e.relation, e.key, e.principal) FROM (SELECT * FROM predicate.entry WHERE direct ORDER BY random() LIMIT 3) AS e; RETURN 'unshare three';
  ELSIF what IN (5, 6) AND o.owner IS NOT NULL THEN EXECUTE format('UPDATE predicate.%s SET owner = $2 WHERE id::text = $1', o.relation) USING o.key, p; RETURN format('%s %s to %s', o.relation, o.key, p);
  ELSIF what = 7 THEN UPDATE predicate.mid SET top_id = 1 + floor(random() * 25) WHERE id % 7 = floor(random() * 7); RETURN 'move of mid';
  ELSIF what = 8 THEN UPDATE predicate.leaf SET mid_id = 1 + floor(random() * 50) WHERE hashtext(id) % 5 = 0; RETURN 'move of leaf';
  ELSIF what = 9 THEN
    IF EXISTS (SELECT FROM relmeta.team_member WHERE team = '9' AND member = '1') THEN PERFORM relmeta.remove_team_member('9', '1'); END IF;
    PERFORM CASE WHEN EXISTS (SELECT FROM relmeta.team_member WHERE team = t AND member = u) THEN relmeta.remove_team_member(t, u) ELSE relmeta.add_team_member(t, u) END
      FROM (SELECT (9 + floor(random() * 4))::int::text AS t, (1 + floor(random() * 8))::int::text AS u FROM generate_series(1, 1)) AS x; RETURN 'members';
  ELSIF what = 10 THEN PERFORM relmeta.enable_access_control(CASE WHEN random() < 0.5 THEN 'top' ELSE 'line' END, everyone => CASE WHEN random() < 0.5 THEN '{}' ELSE r END); RETURN 'everyone';
  ELSIF what = 11 THEN PERFORM relmeta.reassign_owned(p, q); RETURN format('all of %s to %s', p, q);
  ELSE INSERT INTO predicate.leaf (id, owner, mid_id) VALUES ('x' || floor(random() * 1e9), p, 1 + floor(random() * 50)); DELETE FROM predicate.leaf WHERE id = (SELECT id FROM predicate.leaf ORDER BY random() LIMIT 1); RETURN 'leaf by leaf';
  END IF;
END $$;

-- what one principal is answered
CREATE PROCEDURE ask(p text, cap_rights relmeta.access_right[], questions int) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('relmeta.principal', p, true), set_config('relmeta.rights', coalesce(cap_rights::text, ''), true);
  SET LOCAL ROLE predicate_app;
  INSERT INTO predicate.answer SELECT p, 'found', 'predicate.top', id::text, 1, 1 FROM predicate.top UNION ALL SELECT p, 'found', 'predicate.mid', id::text, 1, 1 FROM predicate.mid
    UNION ALL SELECT p, 'found', 'predicate.leaf', id, 1, 1 FROM predicate.leaf UNION ALL SELECT p, 'found', 'predicate.line', id::text, 1, 1 FROM predicate.line;
  INSERT INTO predicate.answer WITH a AS (SELECT id FROM predicate.top FOR NO KEY UPDATE), b AS (SELECT id FROM predicate.mid FOR NO KEY UPDATE), c AS (SELECT id FROM predicate.leaf FOR NO KEY UPDATE),
      d AS (SELECT id FROM predicate.line FOR NO KEY UPDATE)
    SELECT p, 'locked', 'predicate.top'::regclass, id::text, 2, 2 FROM a UNION ALL SELECT p, 'locked', 'predicate.mid', id::text, 2, 2 FROM b
    UNION ALL SELECT p, 'locked', 'predicate.leaf', id, 2, 2 FROM c UNION ALL SELECT p, 'locked', 'predicate.line', id::text, 2, 2 FROM d;
  INSERT INTO predicate.answer SELECT p, 'principal_access', relation, key, -1, predicate.bits(relmeta.principal_access(relation, key)) FROM predicate.truth WHERE principal = p;
  INSERT INTO predicate.answer SELECT p, 'has_access', relation, key, bit, CASE WHEN relmeta.has_access(relation, key, name) THEN bit ELSE 0 END
    FROM (SELECT * FROM predicate.truth, predicate.bit WHERE principal = p ORDER BY random() LIMIT questions) AS q;
  INSERT INTO predicate.answer SELECT p, 'explain_access', q.relation, q.key, -1, coalesce((SELECT bit_or(predicate.bits(x.rights)) FROM relmeta.explain_access(q.relation, q.key) AS x), 0)
    FROM (SELECT * FROM predicate.truth WHERE principal = p ORDER BY random() LIMIT 10) AS q;
  -- one answer for each holder, rights by grant and by inheritance
  INSERT INTO predicate.answer SELECT p, 'shared_with ' || coalesce(through_team, p), relation, key, -1, predicate.bits(direct || inherited) FROM relmeta.shared_with();
  RESET ROLE;
  PERFORM set_config('relmeta.principal', '', true), set_config('relmeta.rights', '', true);
END $$;

CREATE PROCEDURE round(nr int) LANGUAGE plpgsql AS $$
DECLARE what text := predicate.change(); w predicate.who; capped relmeta.access_right[];
BEGIN
  TRUNCATE predicate.truth, predicate.answer, predicate.held, predicate.everyone;
  INSERT INTO predicate.held SELECT m.principal, e.relation, e.key, bit_or(e.mask)
    FROM (SELECT relation, key, principal, mask FROM predicate.entry UNION ALL SELECT relation, key, owner, 851991 FROM predicate.object) AS e JOIN predicate.member AS m ON m.holder = e.principal GROUP BY 1, 2, 3;
  INSERT INTO predicate.everyone SELECT relation, predicate.bits(everyone) FROM relmeta.tables;
  INSERT INTO predicate.truth SELECT p.principal, o.relation, o.key, coalesce(h.mask, 0) | e.rights, -1
    FROM predicate.who AS p CROSS JOIN predicate.object AS o JOIN predicate.everyone AS e USING (relation) LEFT JOIN predicate.held AS h ON (h.principal, h.relation, h.key) = (p.principal, o.relation, o.key);
  -- about others, as whoever may ask about all
  INSERT INTO predicate.answer SELECT principal, 'principal_access by the owner', relation, key, -1, predicate.bits(relmeta.principal_access(relation, key, principal)) FROM predicate.truth;
  INSERT INTO predicate.answer SELECT principal, 'has_access by the owner', relation, key, bit, CASE WHEN relmeta.has_access(relation, key, name, principal) THEN bit ELSE 0 END
    FROM (SELECT * FROM predicate.truth, predicate.bit ORDER BY random() LIMIT 3400) AS q;
  INSERT INTO predicate.differs SELECT nr, what, a.principal, a.asked, a.relation::text, a.key, t.rights & a.bit, a.came
    FROM predicate.answer AS a LEFT JOIN predicate.truth AS t USING (principal, relation, key) WHERE t.rights & a.bit IS DISTINCT FROM a.came;
  TRUNCATE predicate.answer;
  FOR w IN SELECT * FROM predicate.who ORDER BY who.nr LOOP
    capped := CASE WHEN random() < 0.3 THEN array(SELECT name FROM predicate.bit WHERE random() < 0.6) END;
    -- the cap, and what it may not read it is told nothing of
    UPDATE predicate.truth SET cap = CASE WHEN capped IS NULL THEN -1 ELSE predicate.bits(capped) END WHERE principal = w.principal;
    UPDATE predicate.truth SET rights = CASE WHEN rights & cap & 1 = 0 THEN 0 ELSE rights & cap END WHERE principal = w.principal;
    CALL predicate.ask(w.principal, capped, 250);
  END LOOP;
  INSERT INTO predicate.differs SELECT nr, what, a.principal, a.asked, a.relation::text, a.key, t.rights & a.bit, a.came
    FROM predicate.answer AS a LEFT JOIN predicate.truth AS t USING (principal, relation, key)
    WHERE a.asked NOT LIKE 'shared_with%' AND t.rights & a.bit IS DISTINCT FROM a.came;
  -- rows that were not found, or not locked
  INSERT INTO predicate.differs SELECT nr, what, t.principal, 'not ' || f.asked, t.relation::text, t.key, f.bit, 0
    FROM predicate.truth AS t, (VALUES ('found', 1), ('locked', 2)) AS f(asked, bit)
    WHERE t.rights & f.bit <> 0 AND NOT EXISTS (SELECT FROM predicate.answer AS a WHERE a.asked = f.asked AND (a.principal, a.relation, a.key) = (t.principal, t.relation, t.key));
  -- what is shared, of the rows that one may read: not what its owner holds besides
  INSERT INTO predicate.differs SELECT nr, what, principal, asked, relation::text, key, e.mask, a.came
    FROM (SELECT t.principal, 'shared_with ' || m.holder AS asked, t.relation, t.key, bit_or(e.mask & t.cap) AS mask FROM predicate.truth AS t JOIN predicate.member AS m USING (principal)
          JOIN predicate.entry AS e ON (e.relation, e.key, e.principal) = (t.relation, t.key, m.holder) JOIN predicate.object AS o ON (o.relation, o.key) = (t.relation, t.key)
          WHERE t.rights & 1 <> 0 AND o.owner IS DISTINCT FROM m.holder AND o.owner IS DISTINCT FROM t.principal GROUP BY 1, 2, 3, 4 HAVING bit_or(e.mask & t.cap) <> 0) AS e
    FULL JOIN (SELECT * FROM predicate.answer WHERE asked LIKE 'shared_with%') AS a USING (principal, asked, relation, key) WHERE e.mask IS DISTINCT FROM a.came;
END $$;
SELECT format('CALL predicate.round(%s)', i) FROM generate_series(1, :rounds) AS i \gexec
\o
SELECT format('round %s (%s): principal %s, %s: %s %s: %s, but %s', round, change, principal, asked, relation, key, expected, came) FROM predicate.differs ORDER BY round LIMIT 30;
SELECT 'seed ' || :seed WHERE EXISTS (SELECT FROM predicate.differs);
SELECT :rounds - count(DISTINCT round) || ' passed, ' || count(DISTINCT round) || ' failed' FROM predicate.differs;
DROP SCHEMA predicate CASCADE;
DROP ROLE predicate_app;
