-- preview: what an action would change is what it changes; nothing happens, SEMANTICS 2.7 and 3.13.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA pv;
SET search_path = pv;
SET relmeta.job_workers = 0;
SELECT count(relmeta.create_user('pv_' || i)) FROM generate_series(1, 5) i;
-- => 5
CREATE TABLE account (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, account_id int, other_id int);
CREATE TABLE task (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, contact_id int, upper_id int);
CREATE TABLE line (id int PRIMARY KEY, task_id int);
SELECT count(*) FROM (SELECT relmeta.register_table(t, 'owner_id', 'open') FROM unnest('{account,contact,task}'::regclass[]) t) r;
-- => 3
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'pv_contact', 'parental', foreign_key => false),
       relmeta.create_one_to_many('account', 'contact', 'other_id', 'pv_other', 'referential', foreign_key => false),
       relmeta.create_one_to_many('contact', 'task', 'contact_id', 'pv_task', 'parental', foreign_key => false),
       relmeta.create_one_to_many('task', 'line', 'task_id', 'pv_line', 'parental', assign => 'none', foreign_key => false);
-- => pv_contact|pv_other|pv_task|pv_line
INSERT INTO account VALUES (1, 'pv_1');
INSERT INTO contact VALUES (1, 'pv_1', true, 1, NULL), (2, 'pv_2', true, 1, NULL), (3, 'pv_3', true, NULL, 1);
INSERT INTO task VALUES (1, 'pv_1', true, 1), (2, 'pv_2', true, 2);
INSERT INTO line VALUES (1, 1), (2, 2);

-- levels, relationships and effects
SELECT * FROM relmeta.preview('assign', 'account', 1, 'pv_4');
SELECT * FROM relmeta.preview('share', 'account', 1, 'pv_4', '{read,write}');
SELECT * FROM relmeta.preview('delete', 'account', 1);
SELECT * FROM relmeta.preview('reparent', 'contact', 3, relationship => 'pv_contact', other_key => '1');
SELECT * FROM relmeta.preview('reparent', 'contact', 3, relationship => 'pv_other');

-- it needs no more than to read: nothing is changed
BEGIN READ ONLY;
SELECT count(*) > 0 FROM relmeta.preview('assign', 'account', '1', 'pv_4');
-- => t
SELECT count(*) > 0 FROM relmeta.preview('delete', 'account', 1);
-- => t
COMMIT;

-- what changes nothing has no rows
SELECT count(*) FROM relmeta.preview('assign', 'account', 1, 'pv_1');
-- => 0
SELECT count(*) FROM relmeta.preview('unshare', 'account', 1, 'pv_4');
-- => 0

-- what the action would refuse
SELECT * FROM relmeta.preview('rollup', 'account', 1);
-- => 22023
SELECT * FROM relmeta.preview('share', 'account', 1);
-- => 22023
SELECT * FROM relmeta.preview('share', 'account', 1, 'pv_1');
-- => 22023
SELECT * FROM relmeta.preview('share', 'account', 1, 'nobody');
-- => 42704
SELECT * FROM relmeta.preview('assign', 'account', 99, 'pv_2');
-- => P0002
SELECT * FROM relmeta.preview('assign', 'line', 1, 'pv_2');
-- => 0A000
SELECT * FROM relmeta.preview('reparent', 'contact', 1);
-- => 22023
SELECT * FROM relmeta.preview('reparent', 'contact', 1, relationship => 'pv_task');
-- => 22023
CREATE ROLE regress_pv_other;
GRANT USAGE ON SCHEMA pv TO regress_pv_other;
GRANT SELECT ON account TO regress_pv_other;
SET ROLE regress_pv_other;
SELECT * FROM relmeta.preview('assign', 'account', 1, 'pv_2');
-- => 42501
SELECT * FROM relmeta.preview('share', 'account', 1, 'pv_2');
-- => 42501
SELECT * FROM relmeta.preview('delete', 'contact', 1);
-- => P0002
RESET ROLE;

-- Random trees: preview, act, compare what is stored before and after.
CREATE FUNCTION stored() RETURNS TABLE (relation regclass, key text, owner text, entries jsonb) LANGUAGE plpgsql AS $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT r.relation, r.owner_column, r.entry_table FROM relmeta.registered_table r JOIN pg_class c ON c.oid = r.relation WHERE c.relnamespace = 'pv'::regnamespace LOOP
    RETURN QUERY EXECUTE format('SELECT %L::regclass, a.id::text, %s, %s FROM %s a', t.relation::oid,
      coalesce(quote_ident(t.owner_column), 'NULL'),
      CASE WHEN t.entry_table IS NULL THEN 'NULL::jsonb' ELSE
        format('(SELECT jsonb_object_agg(e.relationship || '' '' || e.principal || '' '' || e.cause::text, e.mask) FROM %s e WHERE e.object = a.id)', t.entry_table) END, t.relation);
  END LOOP;
END $$;
CREATE TABLE was (relation regclass, key text, owner text, entries jsonb);
CREATE TABLE found (relationship text, effect text, rows bigint);
-- the difference, by relationship and effect
CREATE FUNCTION differs() RETURNS TABLE (relationship text, effect text, rows bigint) LANGUAGE sql AS $$
  WITH n AS (SELECT w.relation, w.key, w.owner AS owner_was, s.owner, w.entries AS were, s.entries AS are, s.key IS NULL AS gone
             FROM was w LEFT JOIN stored() s USING (relation, key)),
       e AS (SELECT n.relation, n.key, k AS name, coalesce((n.were->>k)::int, 0) AS was, coalesce((n.are->>k)::int, 0) AS mask
             FROM n, LATERAL (SELECT jsonb_object_keys(n.were) UNION SELECT jsonb_object_keys(n.are)) AS x(k) WHERE NOT n.gone)
  SELECT r.name, 'inherits', count(DISTINCT (e.relation, e.key)) FROM e JOIN relmeta.relationship r ON r.relationship_id = split_part(e.name, ' ', 1)::int WHERE mask & ~was <> 0 GROUP BY 1
  UNION ALL
  SELECT r.name, 'loses', count(DISTINCT (e.relation, e.key)) FROM e JOIN relmeta.relationship r ON r.relationship_id = split_part(e.name, ' ', 1)::int WHERE was & ~mask <> 0 GROUP BY 1
  UNION ALL
  SELECT NULL, 'shared', count(*) FROM e WHERE name LIKE '0 %' AND mask & ~was <> 0 HAVING count(*) > 0
  UNION ALL
  SELECT NULL, 'unshared', count(*) FROM e WHERE name LIKE '0 %' AND was & ~mask <> 0 HAVING count(*) > 0
  UNION ALL
  SELECT relation::text, 'reassigned', count(*) FROM n WHERE NOT gone AND owner_was IS DISTINCT FROM owner GROUP BY 1
  UNION ALL
  SELECT relation::text, 'deleted', count(*) FROM n WHERE gone GROUP BY 1
$$;
CREATE FUNCTION behave(seed int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  b text[] := '{none,all,active,user_owned}';
  d text[] := '{all,all,remove_link}';
  r text;
BEGIN
  FOREACH r IN ARRAY '{pv_contact,pv_task}'::text[] LOOP
    PERFORM relmeta.update_relationship(r, assign => b[1 + (random() * 3)::int], reparent => b[1 + (random() * 3)::int], share => b[1 + (random() * 3)::int],
      unshare => b[1 + (random() * 3)::int], delete => d[1 + (random() * 2)::int], revoke_inherited => false);
  END LOOP;
END $$;
CREATE FUNCTION play(n int) RETURNS TABLE (what text, previewed bigint, differing bigint) LANGUAGE plpgsql AS $$
DECLARE
  acts text[] := '{assign,share,unshare,reparent,delete}';
  act text;
  t text;
  k int;
  other text;
  who text;
  lookup text;
  rel text;
  bad int;
  tried int[] := '{0,0,0,0,0}';
  wrong int[] := '{0,0,0,0,0}';
  a int;
BEGIN
  FOR i IN 1 .. n LOOP
    IF i % 50 = 1 THEN
      DELETE FROM pv.line; DELETE FROM pv.task; DELETE FROM pv.contact; DELETE FROM pv.account;
      PERFORM pv.behave(i);
      INSERT INTO pv.account SELECT x, 'pv_' || (1 + random() * 4)::int, random() < 0.8 FROM generate_series(1, 4) x;
      INSERT INTO pv.contact SELECT x, CASE WHEN random() < 0.9 THEN 'pv_' || (1 + random() * 4)::int END, random() < 0.7, nullif((random() * 4)::int, 0), nullif((random() * 4)::int, 0) FROM generate_series(1, 10) x;
      INSERT INTO pv.task SELECT x, CASE WHEN random() < 0.9 THEN 'pv_' || (1 + random() * 4)::int END, random() < 0.7, nullif((random() * 10)::int, 0) FROM generate_series(1, 25) x;
      INSERT INTO pv.line SELECT x, nullif((random() * 25)::int, 0) FROM generate_series(1, 30) x;
    END IF;
    a := 1 + (random() * 4)::int;
    act := acts[a];
    t := (ARRAY['account', 'account', 'contact', 'task'])[1 + (random() * 3)::int];
    who := 'pv_' || (1 + random() * 4)::int;
    rel := NULL; other := NULL; lookup := NULL;
    IF act = 'reparent' THEN
      t := (ARRAY['contact', 'task'])[1 + (random() * 1)::int];
      rel := CASE t WHEN 'contact' THEN 'pv_contact' ELSE 'pv_task' END;
      lookup := CASE t WHEN 'contact' THEN 'account_id' ELSE 'contact_id' END;
      EXECUTE format('SELECT id FROM pv.%I ORDER BY random() LIMIT 1', CASE t WHEN 'contact' THEN 'account' ELSE 'contact' END) INTO other;
      IF random() < 0.2 THEN other := NULL; END IF;
    END IF;
    EXECUTE format('SELECT id FROM pv.%I ORDER BY random() LIMIT 1', t) INTO k;
    CONTINUE WHEN k IS NULL;
    IF act IN ('share') THEN
      EXECUTE format('SELECT %L FROM pv.%I WHERE id = %s AND owner_id IS DISTINCT FROM %1$L', who, t, k) INTO who;
      CONTINUE WHEN who IS NULL;
    END IF;
    TRUNCATE pv.was, pv.found;
    INSERT INTO pv.was SELECT * FROM pv.stored();
    INSERT INTO pv.found
      SELECT CASE WHEN p.effect IN ('reassigned', 'deleted') THEN p.related_table::text WHEN p.effect IN ('shared', 'unshared') THEN NULL ELSE p.relationship END, p.effect, sum(p.rows)
      FROM relmeta.preview(act, ('pv.' || t)::regclass, k, who, '{read,write,share}', rel, other) p
      WHERE p.effect NOT IN ('repointed', 'link removed') GROUP BY 1, 2;
    BEGIN
      IF act = 'assign' THEN PERFORM relmeta.assign(('pv.' || t)::regclass, k, who);
      ELSIF act = 'share' THEN PERFORM relmeta.share(('pv.' || t)::regclass, k, who, '{read,write,share}');
      ELSIF act = 'unshare' THEN PERFORM relmeta.unshare(('pv.' || t)::regclass, k, who, '{read,write,share}');
      ELSIF act = 'reparent' THEN EXECUTE format('UPDATE pv.%I SET %I = %L WHERE id = %s', t, lookup, other, k);
      ELSE EXECUTE format('DELETE FROM pv.%I WHERE id = %s', t, k);
      END IF;
      SELECT count(*) INTO bad FROM ((SELECT * FROM pv.found EXCEPT SELECT * FROM pv.differs()) UNION ALL (SELECT * FROM pv.differs() EXCEPT SELECT * FROM pv.found)) x;
      tried[a] := tried[a] + 1;
      IF bad > 0 THEN
        wrong[a] := wrong[a] + 1;
        IF wrong[a] = 1 THEN
          RAISE WARNING '% % % % % %: previewed %, came %', act, t, k, who, rel, other,
            (SELECT json_agg(f ORDER BY f.*) FROM pv.found f), (SELECT json_agg(f ORDER BY f.*) FROM pv.differs() f);
          RAISE WARNING '%', (SELECT json_agg(o) FROM relmeta.one_to_many o WHERE name LIKE 'pv_%');
        END IF;
      END IF;
      -- a delete is taken back now and then, so that something is left
      IF act = 'delete' AND random() < 0.9 THEN RAISE EXCEPTION USING ERRCODE = 'ZZ000'; END IF;
    EXCEPTION WHEN SQLSTATE 'ZZ000' THEN NULL;
    END;
  END LOOP;
  FOR i IN 1 .. 5 LOOP
    what := acts[i]; previewed := tried[i]; differing := wrong[i];
    RETURN NEXT;
  END LOOP;
END $$;
SELECT setseed(0.14);
SELECT what, previewed > 10, differing FROM play(220);
-- => assign|t|0
-- => share|t|0
-- => unshare|t|0
-- => reparent|t|0
-- => delete|t|0

-- a lookup of a controlled table: write, append, where it was set share, and append_to on the new primary row
SELECT relmeta.update_relationship('pv_contact', reparent => 'all', revoke_inherited => false) IS NULL;
-- => t
INSERT INTO account VALUES (101, 'pv_1'), (102, 'pv_1');
INSERT INTO contact VALUES (101, 'pv_1', true, 101, NULL);
SELECT relmeta.create_user('pv_6', 'regress_pv_other');
GRANT SELECT, UPDATE ON account, contact TO regress_pv_other;
SELECT relmeta.enable_access_control('account'), relmeta.enable_access_control('contact');
SELECT count(relmeta.share('account', 102, 'pv_6', '{read}')), count(relmeta.share('contact', 101, 'pv_6', '{read,write}'));
-- => 1|1
CREATE FUNCTION tried_both() RETURNS TABLE (previewed text, done text) LANGUAGE plpgsql AS $$
BEGIN
  previewed := 'allowed'; done := 'allowed';
  BEGIN
    PERFORM 1 FROM relmeta.preview('reparent', 'pv.contact', 101, relationship => 'pv_contact', other_key => '102');
  EXCEPTION WHEN OTHERS THEN previewed := SQLSTATE;
  END;
  BEGIN
    UPDATE pv.contact SET account_id = 102 WHERE id = 101;
    RAISE EXCEPTION USING ERRCODE = 'ZZ000';
  EXCEPTION WHEN SQLSTATE 'ZZ000' THEN NULL; WHEN OTHERS THEN done := SQLSTATE;
  END;
  RETURN NEXT;
END $$;
SET ROLE regress_pv_other;
SELECT * FROM tried_both();
-- => 42501|42501
RESET ROLE;
SELECT count(relmeta.share('contact', 101, 'pv_6', '{append}'));
-- => 1
SET ROLE regress_pv_other;
SELECT * FROM tried_both();
-- => 42501|42501
RESET ROLE;
SELECT count(relmeta.share('contact', 101, 'pv_6', '{share}'));
-- => 1
SET ROLE regress_pv_other;
SELECT * FROM tried_both();
-- => 42501|42501
RESET ROLE;
SELECT count(relmeta.share('account', 102, 'pv_6', '{append_to}'));
-- => 1
SET ROLE regress_pv_other;
SELECT * FROM tried_both();
-- => allowed|allowed
RESET ROLE;
DROP SCHEMA pv CASCADE;
SELECT count(relmeta.drop_principal('pv_' || i)) FROM generate_series(1, 6) i;
-- => 6
DROP ROLE regress_pv_other;
