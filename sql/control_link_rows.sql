-- An intersect table that is registered and controlled itself: its rows have owners and shares, and are links, which need append on the
-- controlled ends all the same, and read to be seen (SEMANTICS 2.5).  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_clr_owner;
CREATE ROLE regress_clr_app;
DO $$ BEGIN PERFORM relmeta.create_user('clr_ann'), relmeta.create_user('clr_bob'); END $$;
CREATE SCHEMA clr AUTHORIZATION regress_clr_owner;
SET SESSION AUTHORIZATION regress_clr_owner;
SET search_path = clr;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text);
CREATE TABLE enrolled (id int PRIMARY KEY, owner text, account_id int NOT NULL REFERENCES account, contact_id int NOT NULL REFERENCES contact, UNIQUE (account_id, contact_id));
GRANT USAGE ON SCHEMA clr TO regress_clr_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA clr TO regress_clr_app;
INSERT INTO account VALUES (1, 'clr_ann'), (2, 'clr_bob');
INSERT INTO contact VALUES (1, 'clr_ann'), (2, 'clr_bob'), (3, 'clr_bob');
INSERT INTO enrolled VALUES (1, 'clr_ann', 1, 1), (2, 'clr_bob', 2, 2), (3, 'clr_ann', 2, 3), (4, 'clr_bob', 1, 2);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,enrolled}'::regclass[]) AS t;
SELECT relmeta.adopt_many_to_many('enrolled', 'enrolled');
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact,enrolled}'::regclass[]) AS t;
CREATE VIEW policies WITH (security_invoker) AS SELECT polname, polcmd, polpermissive FROM pg_policy WHERE polrelid = 'enrolled'::regclass ORDER BY polname;
SELECT * FROM policies;
SELECT * FROM relmeta.verify();
-- => none

-- his own row of a link one of whose ends is hidden, and somebody else's row of a link whose ends he reads: neither
RESET SESSION AUTHORIZATION;
GRANT SET ON PARAMETER relmeta.principal TO regress_clr_app;
SET SESSION AUTHORIZATION regress_clr_app;
SET search_path = clr;
SET relmeta.principal = 'clr_bob';
SELECT id FROM enrolled ORDER BY id;
-- => 2
SELECT relmeta.principal_access('enrolled', id) IS DISTINCT FROM '{}' AS readable, id FROM unnest('{1,2,3,4}'::int[]) AS id ORDER BY id;
-- => f|1
-- => t|2
-- => f|3
-- => f|4
-- links between what is hidden from him, or half so
INSERT INTO enrolled VALUES (10, 'clr_bob', 1, 1);
-- => ERROR:  42501
INSERT INTO enrolled VALUES (10, 'clr_bob', 1, 3);
-- => ERROR:  42501
SELECT relmeta.associate('enrolled', 1, 3, '{"id": 10, "owner": "clr_bob"}');
-- => ERROR:  42501
UPDATE enrolled SET account_id = 1 WHERE id = 2;
-- => ERROR:  42501
-- his own, and one that would be somebody else's
INSERT INTO enrolled VALUES (10, 'clr_ann', 2, 3);
-- => ERROR:  42501
DELETE FROM enrolled WHERE id IN (1, 3, 4);
UPDATE enrolled SET owner = owner WHERE id = 2 RETURNING id;
-- => 2
DELETE FROM enrolled WHERE id = 2 RETURNING id;
-- => 2
INSERT INTO enrolled VALUES (10, 'clr_bob', 2, 2) RETURNING id;
-- => 10

-- what is shared of a row does not open its link
SET relmeta.principal = 'clr_ann';
SELECT relmeta.share('enrolled', 1, 'clr_bob', '{read,write,delete}');
-- => 1
SET relmeta.principal = 'clr_bob';
SELECT id FROM enrolled ORDER BY id;
-- => 10
SET relmeta.principal = 'clr_ann';
SELECT relmeta.share('account', 1, 'clr_bob', '{read}'), relmeta.share('contact', 1, 'clr_bob', '{read}');
-- => 1|1
SET relmeta.principal = 'clr_bob';
SELECT id FROM enrolled ORDER BY id;
-- => 1
-- => 4
-- => 10
DELETE FROM enrolled WHERE id = 1 RETURNING id;
-- => none
SET relmeta.principal = 'clr_ann';
SELECT relmeta.share('account', 1, 'clr_bob', '{append}'), relmeta.share('contact', 1, 'clr_bob', '{append}');
-- => 1|1
SET relmeta.principal = 'clr_bob';
DELETE FROM enrolled WHERE id = 1 RETURNING id;
-- => 1

-- each kind goes and comes by itself
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_clr_owner;
SET search_path = clr;
SELECT relmeta.disable_access_control('enrolled');
SELECT * FROM policies;
SELECT relmeta.enable_access_control('enrolled');
SELECT count(*) FILTER (WHERE polpermissive), count(*) FILTER (WHERE NOT polpermissive) FROM policies;
-- => 4|4
SELECT relmeta.disable_access_control('account'), relmeta.disable_access_control('contact');
SELECT count(*) FILTER (WHERE polpermissive), count(*) FILTER (WHERE NOT polpermissive) FROM policies;
-- => 4|0
SELECT relmeta.enable_access_control('contact');
SELECT count(*) FILTER (WHERE polpermissive), count(*) FILTER (WHERE NOT polpermissive) FROM policies;
-- => 4|4
SELECT * FROM relmeta.verify();
-- => none
-- somebody takes one away, or makes it permissive
DROP POLICY relmeta_link_insert ON enrolled;
ALTER POLICY relmeta_link_delete ON enrolled USING (relmeta.link_shown('enrolled', 1, account_id, contact_id));
SELECT object, problem FROM relmeta.verify() ORDER BY 1;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM relmeta.repair();
SELECT * FROM relmeta.verify();
-- => none
SET SESSION AUTHORIZATION regress_clr_owner;
SET search_path = clr;
SELECT relmeta.drop_relationship('enrolled');
SELECT count(*) FILTER (WHERE polpermissive), count(*) FILTER (WHERE NOT polpermissive) FROM policies;
-- => 4|0
SELECT * FROM relmeta.verify();
-- => none

-- in the other order, and of a partitioned one
CREATE TABLE parted (id int, owner text, account_id int NOT NULL REFERENCES account, contact_id int NOT NULL REFERENCES contact, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
SELECT relmeta.register_table('parted', 'owner');
SELECT relmeta.enable_access_control('parted');
SELECT relmeta.adopt_many_to_many('parted', 'parted');
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
SELECT polrelid::regclass, count(*) FILTER (WHERE polpermissive), count(*) FILTER (WHERE NOT polpermissive) FROM pg_policy
WHERE polrelid IN ('parted'::regclass, 'parted_1'::regclass, 'parted_2'::regclass) GROUP BY polrelid ORDER BY polrelid::regclass::text COLLATE "C";
SELECT * FROM relmeta.verify();
-- => none
RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
DROP SCHEMA clr CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{clr_ann,clr_bob}'::text[]) AS u;
-- => 2
REVOKE SET ON PARAMETER relmeta.principal FROM regress_clr_app;
DROP ROLE regress_clr_owner, regress_clr_app;
