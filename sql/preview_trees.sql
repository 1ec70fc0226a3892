-- preview of all six actions on random trees with a hierarchy, native keys, a lookup to one of several tables, and teams: what it
-- says is what comes, and it refuses what the action refuses, SEMANTICS 3.13.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA pt;
SET search_path = pt;
SET relmeta.job_workers = 0;
SELECT count(relmeta.create_user('pt_' || i)) FROM generate_series(1, 4) i;
-- => 4
SELECT count(relmeta.create_team('pt_' || i)) FROM generate_series(5, 6) i;
-- => 2
SELECT count(relmeta.add_team_member('pt_5', 'pt_' || i)) + count(relmeta.add_team_member('pt_6', 'pt_' || 1 + i)) FROM generate_series(1, 3) i;
-- => 6
CREATE TABLE account (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, parent_id int);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, account_id int);
CREATE TABLE task (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, contact_id int, upper_id int);
CREATE TABLE note (id int PRIMARY KEY, owner_id text, open boolean DEFAULT true, about_id int, about_type text);
CREATE TABLE line (id int PRIMARY KEY, task_id int);
SELECT count(*) FROM (SELECT relmeta.register_table(t, 'owner_id', 'open') FROM unnest('{account,contact,task,note}'::regclass[]) t) r;
-- => 4
SELECT relmeta.create_one_to_many('account', 'account', 'parent_id', 'pt_parent', 'parental', is_hierarchical => true),
       relmeta.create_one_to_many('account', 'contact', 'account_id', 'pt_contact', 'parental'),
       relmeta.create_one_to_many('contact', 'task', 'contact_id', 'pt_task', 'parental'),
       relmeta.create_one_to_many('task', 'task', 'upper_id', 'pt_upper', is_hierarchical => true, foreign_key => false),
       relmeta.create_one_to_many('task', 'line', 'task_id', 'pt_line', 'parental', assign => 'none');
-- => pt_parent|pt_contact|pt_task|pt_upper|pt_line
SELECT relmeta.create_multi_table_lookup('note', 'about_id', '{account,contact,task}', 'about_type', preset => 'parental');
-- => {account_note,contact_note,task_note}

-- what is stored: owners, entries, and what lookups point to by which relationship; one view, so that it is planned once
DO $$ BEGIN EXECUTE (SELECT format('CREATE VIEW stored AS %s', string_agg(format('SELECT %L::regclass AS relation, a.id::text AS key, %s AS owner, (SELECT jsonb_object_agg(e.relationship || '' '' || e.principal || '' '' || e.cause::text, e.mask) FROM %s e WHERE e.object = a.id) AS entries, jsonb_build_object(%s) AS links FROM %s a',
         r.relation, coalesce(quote_ident(r.owner_column), 'NULL'), r.entry_table, l.links, r.relation), ' UNION ALL '))
FROM relmeta.registered_table r JOIN pg_class c ON c.oid = r.relation,
     LATERAL (SELECT string_agg(format('%L, %s', o.name, CASE WHEN o.type_column IS NULL THEN quote_ident(o.lookup_column)
                ELSE format('CASE WHEN a.%I = %L THEN %I END', o.type_column, (SELECT relname FROM pg_class WHERE oid = o.primary_table), o.lookup_column) END), ', ') AS links
              FROM relmeta.one_to_many o WHERE o.related_table = r.relation) l
WHERE c.relnamespace = 'pt'::regnamespace); END $$;
CREATE TYPE effect AS (relationship text, effect text, rows bigint);
CREATE FUNCTION differs(before stored[]) RETURNS SETOF effect LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH n AS (SELECT w.relation, w.key, w.owner AS owner_was, s.owner, w.entries AS were, s.entries AS are, s.key IS NULL AS gone, w.links AS led, s.links AS leads
             FROM unnest(before) w LEFT JOIN pt.stored s USING (relation, key)),
       e AS (SELECT n.relation, n.key, r.name, coalesce((n.were->>k)::int, 0) AS was, coalesce((n.are->>k)::int, 0) AS mask
             FROM n, LATERAL (SELECT jsonb_object_keys(n.were) UNION SELECT jsonb_object_keys(n.are)) AS x(k)
             LEFT JOIN relmeta.relationship r ON r.relationship_id = split_part(k, ' ', 1)::int WHERE NOT n.gone)
  SELECT name, 'inherits', count(DISTINCT (relation, key)) FROM e WHERE name IS NOT NULL AND mask & ~was <> 0 GROUP BY 1
  UNION ALL
  SELECT name, 'loses', count(DISTINCT (relation, key)) FROM e WHERE name IS NOT NULL AND was & ~mask <> 0 GROUP BY 1
  UNION ALL
  SELECT NULL, 'shared', count(DISTINCT (relation, key)) FROM e WHERE name IS NULL AND mask & ~was <> 0 HAVING count(*) > 0
  UNION ALL
  SELECT NULL, 'unshared', count(DISTINCT (relation, key)) FROM e WHERE name IS NULL AND was & ~mask <> 0 HAVING count(*) > 0
  UNION ALL
  SELECT relation::text, 'reassigned', count(*) FROM n WHERE NOT gone AND owner_was IS DISTINCT FROM owner GROUP BY 1
  UNION ALL
  SELECT relation::text, 'deleted', count(*) FROM n WHERE gone GROUP BY 1
  UNION ALL
  SELECT l.key, CASE WHEN n.leads->>l.key IS NULL THEN 'link removed' ELSE 'repointed' END, count(*) FROM n, jsonb_each_text(n.led) l
  WHERE NOT gone AND l.value IS DISTINCT FROM n.leads->>l.key AND (n.leads->>l.key IS NOT NULL OR NOT EXISTS (SELECT FROM jsonb_each_text(n.leads) x WHERE x.key LIKE '%\_note' AND x.value IS NOT NULL AND l.key LIKE '%\_note'))
  GROUP BY 1, 2;
END $$;
CREATE FUNCTION principal() RETURNS text LANGUAGE sql AS $$ SELECT 'pt_' || (1 + random() * 5)::int $$;
CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  b text[] := '{none,all,active,user_owned}';
  r text;
BEGIN
  DELETE FROM pt.line; DELETE FROM pt.note; UPDATE pt.task SET upper_id = NULL; DELETE FROM pt.task; DELETE FROM pt.contact;
  UPDATE pt.account SET parent_id = NULL; DELETE FROM pt.account;
  FOREACH r IN ARRAY '{pt_parent,pt_contact,pt_task,account_note,contact_note,task_note}'::text[] LOOP
    PERFORM relmeta.update_relationship(r, assign => b[1 + (random() * 3)::int], reparent => b[1 + (random() * 3)::int], share => b[1 + (random() * 3)::int],
      unshare => b[1 + (random() * 3)::int], merge => (ARRAY['all', 'all', 'none'])[1 + (random() * 2)::int],
      delete => (ARRAY['all', CASE WHEN r LIKE '%note' THEN 'restrict' ELSE 'all' END, 'remove_link'])[1 + (random() * 2)::int], revoke_inherited => false);
  END LOOP;
  PERFORM relmeta.update_relationship('pt_upper', delete => (ARRAY['all', 'remove_link'])[1 + (random())::int]);
  FOR i IN 1 .. 6 LOOP
    INSERT INTO pt.account VALUES (i, pt.principal(), random() < 0.8, nullif((random() * (i - 1))::int, 0));
  END LOOP;
  INSERT INTO pt.contact SELECT x, CASE WHEN random() < 0.9 THEN pt.principal() END, random() < 0.7, nullif((random() * 6)::int, 0) FROM generate_series(1, 10) x;
  FOR i IN 1 .. 20 LOOP
    INSERT INTO pt.task VALUES (i, CASE WHEN random() < 0.9 THEN pt.principal() END, random() < 0.7, nullif((random() * 10)::int, 0), CASE WHEN random() < 0.4 THEN nullif((random() * (i - 1))::int, 0) END);
  END LOOP;
  INSERT INTO pt.note SELECT x, CASE WHEN random() < 0.9 THEN pt.principal() END, random() < 0.7, 1 + (random() * 5)::int, (ARRAY['account', 'contact', 'task'])[1 + (random() * 2)::int] FROM generate_series(1, 20) x;
  INSERT INTO pt.line SELECT x, nullif((random() * 20)::int, 0) FROM generate_series(1, 15) x;
  PERFORM relmeta.share('pt.account', a.id, p, '{read,write}') FROM pt.account a, unnest('{pt_1,pt_2,pt_5}'::text[]) p WHERE a.owner_id <> p AND random() < 0.3;
  PERFORM relmeta.share('pt.contact', a.id, p, '{read,share}') FROM pt.contact a, unnest('{pt_3,pt_4,pt_6}'::text[]) p WHERE a.owner_id IS DISTINCT FROM p AND random() < 0.2;
END $$;
CREATE FUNCTION act(action text, relation regclass, key int, who text, relationship text, lookup text, typed text, other text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CASE action
    WHEN 'assign' THEN PERFORM relmeta.assign(relation, key, who);
    WHEN 'share' THEN PERFORM relmeta.share(relation, key, who, '{read,write,share}');
    WHEN 'unshare' THEN PERFORM relmeta.unshare(relation, key, who, '{read,write,share}');
    WHEN 'reparent' THEN
      IF typed IS NULL THEN EXECUTE format('UPDATE %s SET %I = %L WHERE id = %s', relation, lookup, other, key);
      -- clearing it is of this relationship, if the row points by it
      ELSE EXECUTE format('UPDATE %s SET %I = %L, about_type = %L WHERE id = %s AND (%3$L IS NOT NULL OR about_type = %6$L)', relation, lookup, other, CASE WHEN other IS NOT NULL THEN typed END, key, typed);
      END IF;
    WHEN 'delete' THEN EXECUTE format('DELETE FROM %s WHERE id = %s', relation, key);
    ELSE PERFORM relmeta.merge(relation, key, other);
  END CASE;
END $$;
CREATE TABLE counted (action text, done int, refused int, differing int);
-- each tree is a transaction of its own, so that the rows of the ones before may be forgotten
CREATE PROCEDURE play(n int) LANGUAGE plpgsql AS $$
DECLARE
  acts text[] := '{assign,share,unshare,reparent,delete,merge}';
  a int;
  t regclass;
  k int;
  o relmeta.one_to_many;
  other text;
  who text;
  typed text;
  said text;
  did text;
  before pt.stored[];
  foretold pt.effect[];
  came pt.effect[];
  bad boolean;
  count_done int[] := '{0,0,0,0,0,0}';
  count_refused int[] := '{0,0,0,0,0,0}';
  wrong int[] := '{0,0,0,0,0,0}';
BEGIN
  FOR i IN 1 .. n LOOP
    IF i % 25 = 1 THEN COMMIT; PERFORM pt.fill(); END IF;
    a := 1 + i % 6;
    t := (ARRAY['pt.account', 'pt.account', 'pt.contact', 'pt.task', 'pt.note'])[1 + (random() * 4)::int]::regclass;
    who := pt.principal();
    o := NULL; other := NULL; typed := NULL; said := ''; did := ''; bad := false; foretold := '{}'; came := '{}';
    IF acts[a] = 'reparent' THEN
      SELECT * INTO o FROM relmeta.one_to_many WHERE name ~ '^pt_(parent|contact|task|upper)$|_note$' AND related_table::text ~ '^(account|contact|task|note)$' ORDER BY random() LIMIT 1;
      t := o.related_table;
      IF o.type_column IS NOT NULL THEN SELECT relname INTO typed FROM pg_class WHERE oid = o.primary_table; END IF;
      IF random() < 0.85 THEN EXECUTE format('SELECT id FROM %s ORDER BY random() LIMIT 1', o.primary_table) INTO other; END IF;
    ELSIF acts[a] = 'merge' THEN
      EXECUTE format('SELECT id FROM %s ORDER BY random() LIMIT 1', t) INTO other;
    END IF;
    -- mostly two active rows: others are not merged
    IF acts[a] = 'merge' AND random() < 0.9 THEN
      EXECUTE format('SELECT x.id, y.id FROM %1$s x, %1$s y WHERE x.open AND y.open AND x.id <> y.id ORDER BY random() LIMIT 1', t) INTO k, other;
    ELSE
      EXECUTE format('SELECT id FROM %s ORDER BY random() LIMIT 1', t) INTO k;
    END IF;
    CONTINUE WHEN k IS NULL OR acts[a] = 'merge' AND other IS NULL;
    before := ARRAY(SELECT s FROM pt.stored s);
    BEGIN
      foretold := ARRAY(SELECT ROW(f.*)::pt.effect FROM (
        SELECT CASE WHEN p.effect IN ('reassigned', 'deleted') THEN p.related_table::text WHEN p.effect IN ('shared', 'unshared') THEN NULL ELSE p.relationship END,
               CASE WHEN acts[a] = 'merge' AND p.effect = 'dropped' THEN 'link removed' ELSE p.effect END, sum(p.rows)
        FROM relmeta.preview(acts[a], t, k, who, '{read,write,share}', o.name, other) p GROUP BY 1, 2) f);
      IF EXISTS (SELECT FROM unnest(foretold) f WHERE f.effect = 'blocked') THEN said := 'blocked'; END IF;
    EXCEPTION WHEN OTHERS THEN said := SQLSTATE;
    END;
    BEGIN
      PERFORM pt.act(acts[a], t, k, who, o.name, o.lookup_column, typed, other);
      came := ARRAY(SELECT d FROM pt.differs(before) d);
      bad := EXISTS ((SELECT * FROM unnest(came) EXCEPT SELECT * FROM unnest(foretold)) UNION ALL (SELECT * FROM unnest(foretold) EXCEPT SELECT * FROM unnest(came)));
      -- a delete is mostly taken back, so that something is left
      IF acts[a] = 'delete' AND random() < 0.8 THEN RAISE EXCEPTION USING ERRCODE = 'ZZ000'; END IF;
    EXCEPTION
      WHEN SQLSTATE 'ZZ000' THEN NULL;
      WHEN restrict_violation THEN did := 'blocked';
      WHEN OTHERS THEN did := SQLSTATE;
    END;
    IF did = '' THEN count_done[a] := count_done[a] + 1; ELSE count_refused[a] := count_refused[a] + 1; END IF;
    IF said <> did OR did = '' AND bad THEN
      wrong[a] := wrong[a] + 1;
      IF wrong[a] = 1 THEN
        RAISE WARNING '% % % % % %: foretold % %, came % %', acts[a], t, k, who, o.name, other, said, foretold, did, came;
      END IF;
    END IF;
  END LOOP;
  INSERT INTO pt.counted SELECT * FROM unnest(acts, count_done, count_refused, wrong);
END $$;
SELECT setseed(0.14);
CALL play(1200);
SELECT action, done > 100, refused > 0, differing FROM counted;
-- => assign|t|f|0
-- => share|t|t|0
-- => unshare|t|f|0
-- => reparent|t|t|0
-- => delete|t|t|0
-- => merge|t|t|0
DROP SCHEMA pt CASCADE;
SELECT count(relmeta.drop_principal('pt_' || i)) FROM generate_series(1, 6) i;
-- => 6
