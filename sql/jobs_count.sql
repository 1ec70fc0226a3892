-- rows_revoked counts each (row, principal) whose inherited rights shrank once (SEMANTICS 3.10), in whatever batches
-- the work is done and by whatever ways a row is reached.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
SET relmeta.job_workers = 0;
SELECT setval('relmeta.job_job_id_seq', 1000000) > 0 AS numbered;
-- => t
CREATE SCHEMA regress_count;
SELECT count(relmeta.create_user('count_' || p)) FROM (VALUES ('ann'), ('bob'), ('cat'), ('dan')) AS v(p);
-- => 4
SET search_path = regress_count;

-- account -> contact -> task, contact -> mail -> task, contacts below contacts.  Contacts and tasks have inherited in two
-- ways: what came through count_cc and count_mt stays when they are switched off and another relationship made parental.
CREATE PROCEDURE make_tree() LANGUAGE plpgsql AS $$
BEGIN
  CREATE TABLE account (id int PRIMARY KEY, owner text);
  CREATE TABLE contact (id int PRIMARY KEY, account int, upper int, owner text);
  CREATE TABLE mail (id int PRIMARY KEY, contact int, owner text);
  CREATE TABLE task (id int PRIMARY KEY, contact int, mail int, owner text);
  PERFORM relmeta.register_table('regress_count.' || t, 'owner')
  FROM (VALUES ('account'), ('contact'), ('mail'), ('task')) AS v(t);
  PERFORM relmeta.create_one_to_many('contact', 'contact', 'upper', 'count_cc', share => 'all', is_hierarchical => true);
  PERFORM relmeta.create_one_to_many('mail', 'task', 'mail', 'count_mt', share => 'all');
  INSERT INTO account SELECT i, 'count_ann' FROM generate_series(1, 6) AS i;
  INSERT INTO contact SELECT i, 1 + i % 6, CASE WHEN i > 5 THEN i / 2 END, 'count_ann' FROM generate_series(1, 60) AS i;
  INSERT INTO mail SELECT i, 1 + (i * 7) % 60, 'count_ann' FROM generate_series(1, 40) AS i;
  INSERT INTO task SELECT i, 1 + (i * 11) % 60, 1 + (i * 13) % 40, CASE i % 9 WHEN 0 THEN 'count_bob' ELSE 'count_ann' END
    FROM generate_series(1, 90) AS i;
  PERFORM relmeta.share('contact', i, 'count_bob', '{read,write,share}'),
    relmeta.share('contact', i, 'count_cat', '{read,write}') FROM generate_series(1, 60, 7) AS i;
  PERFORM relmeta.share('mail', i, 'count_bob', '{read,delete}'), relmeta.share('mail', i, 'count_dan', '{read,write}')
  FROM generate_series(1, 40, 3) AS i;
  PERFORM relmeta.update_relationship('count_cc', share => 'none', unshare => 'none', revoke_inherited => false);
  PERFORM relmeta.update_relationship('count_mt', share => 'none', unshare => 'none', revoke_inherited => false);
  PERFORM relmeta.create_one_to_many('account', 'contact', 'account', 'count_ac', share => 'all', reparent => 'all');
  PERFORM relmeta.create_one_to_many('contact', 'mail', 'contact', 'count_cm', share => 'all');
  PERFORM relmeta.create_one_to_many('contact', 'task', 'contact', 'count_ct', share => 'all');
  -- different rights, so that what one way leaves another takes
  PERFORM relmeta.share('account', i, 'count_bob',
    CASE i % 3 WHEN 0 THEN '{read}' WHEN 1 THEN '{read,write}' ELSE '{read,delete,share}' END::relmeta.access_right[])
  FROM generate_series(1, 6) AS i;
  PERFORM relmeta.share('account', i, 'count_cat', '{read}'), relmeta.share('account', i, 'count_dan', '{read,write}')
  FROM generate_series(1, 6, 2) AS i;
  -- half of the contacts inherit by reparent, too
  UPDATE contact SET account = 1 + account % 6 WHERE id % 2 = 0;
  UPDATE account SET owner = 'count_dan' WHERE id = 3;
  -- what is direct is no ground any more for what came through count_cc and count_mt, but for a few
  PERFORM relmeta.unshare('contact', i, 'count_bob', '{write}') FROM generate_series(1, 60, 7) AS i WHERE i % 3 > 0;
  PERFORM relmeta.unshare('mail', i, 'count_bob') FROM generate_series(1, 40, 3) AS i WHERE i % 2 > 0;
END $$;
CREATE PROCEDURE drop_tree() LANGUAGE sql AS $$DROP TABLE IF EXISTS account, contact, mail, task CASCADE$$;

CREATE TABLE was (relation text, object_key text, principal text, inherited int);
CREATE PROCEDURE remember() LANGUAGE sql AS $$
  TRUNCATE regress_count.was;
  INSERT INTO regress_count.was SELECT relation::text, object_key, principal, inherited_access_rights_mask
  FROM relmeta.principal_object_access WHERE principal LIKE 'count\_%';
$$;
-- what the last job says, and what is true
CREATE FUNCTION shrank() RETURNS TABLE (counted bigint, is_right boolean, state text, remembered bigint) LANGUAGE sql AS $$
  SELECT j.rows_revoked,
    j.rows_revoked = (SELECT count(*) FROM regress_count.was AS w LEFT JOIN relmeta.principal_object_access AS n
       ON n.relation::text = w.relation AND n.object_key = w.object_key AND n.principal = w.principal
     WHERE (w.inherited & ~COALESCE(n.inherited_access_rights_mask, 0)) <> 0),
    j.state, (SELECT count(*) FROM relmeta.job_counted)
  FROM relmeta.jobs AS j ORDER BY job_id DESC LIMIT 1
$$;
CREATE PROCEDURE revoke(relationship text) LANGUAGE plpgsql AS $$
BEGIN
  CALL drop_tree();
  CALL make_tree();
  CALL remember();
  PERFORM relmeta.update_relationship(relationship, share => 'none', reparent => 'none');
END $$;

-- in batches of different sizes
CALL revoke('count_ac');
SELECT count(*) FROM was WHERE inherited <> 0;
-- => 247
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 123|t|succeeded|0
CREATE TABLE after_one AS SELECT * FROM relmeta.principal_object_access WHERE principal LIKE 'count\_%';
CALL revoke('count_ac');
SET relmeta.job_batch_size = 1;
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 123|t|succeeded|0
SELECT count(*) FROM (SELECT relation::text, object_key, principal, access_rights_mask, inherited_access_rights_mask
  FROM relmeta.principal_object_access WHERE principal LIKE 'count\_%') AS n
FULL JOIN (SELECT relation::text, object_key, principal, access_rights_mask, inherited_access_rights_mask FROM after_one) AS o
  USING (object_key, principal, access_rights_mask, inherited_access_rights_mask)
WHERE n.relation IS NULL OR o.relation IS NULL;
-- => 0
CALL revoke('count_ac');
SET relmeta.job_batch_size = 7;
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 123|t|succeeded|0

-- some are remembered from batch to batch, and a job that is canceled forgets them
CALL revoke('count_ac');
SET relmeta.job_batch_size = 1;
CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM relmeta.pause_job(NEW.job_id);
  RETURN NULL;
END $$;
CREATE TRIGGER pause AFTER INSERT ON relmeta.job_counted FOR EACH ROW EXECUTE FUNCTION pause();
CALL relmeta.run_jobs();
DROP TRIGGER pause ON relmeta.job_counted;
SELECT state, remembered > 0 AS some FROM shrank();
-- => paused|t
SELECT relmeta.cancel_job(max(job_id)) FROM relmeta.jobs;
SELECT state, remembered FROM shrank();
-- => canceled|0
SELECT relmeta.revoke_inherited_access('count_ac') > 0 AS queued;
-- => t
CALL relmeta.run_jobs();
SELECT state FROM shrank();
-- => succeeded

-- the middle of the tree, and a hierarchy, whose rows hold one another's grounds
CALL revoke('count_cm');
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 47|t|succeeded|0
CALL revoke('count_cc');
SELECT relmeta.revoke_inherited_access('count_cc') > 0 AS queued;
-- => t
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 46|t|succeeded|0
CALL revoke('count_ct');
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 78|t|succeeded|0

-- a reset goes through several relationships, and comes to some rows more than once
CREATE PROCEDURE reset(relationship text) LANGUAGE plpgsql AS $$
BEGIN
  CALL drop_tree();
  CALL make_tree();
  CALL remember();
  PERFORM relmeta.reset_inherited_access(relationship);
END $$;
CALL reset('count_ac');
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 97|t|succeeded|0
CALL reset('count_ac');
RESET relmeta.job_batch_size;
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 97|t|succeeded|0
CALL reset('count_cm');
SET relmeta.job_batch_size = 3;
CALL relmeta.run_jobs();
SELECT * FROM shrank();
-- => 70|t|succeeded|0
RESET relmeta.job_batch_size;

CALL drop_tree();
RESET search_path;
DROP SCHEMA regress_count CASCADE;
DELETE FROM relmeta.job WHERE job_id > 1000000;
SELECT setval('relmeta.job_job_id_seq', COALESCE(max(job_id), 0) + 1) > 0 AS numbered FROM relmeta.job;
-- => t
SELECT count(relmeta.drop_principal('count_' || p)) FROM (VALUES ('ann'), ('bob'), ('cat'), ('dan')) AS v(p);
-- => 4
