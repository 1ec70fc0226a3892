-- Access control: which rights each statement needs.  SEMANTICS 2.5 "Access control".
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cr_owner;
CREATE ROLE regress_cr_bob;
SELECT relmeta.create_user('cr_ann'), relmeta.create_user('cr_bob', 'regress_cr_bob'), relmeta.create_team('cr_team');
SELECT relmeta.add_team_member('cr_team', 'cr_bob');
CREATE SCHEMA cr AUTHORIZATION regress_cr_owner;
GRANT USAGE ON SCHEMA cr TO PUBLIC;
SET SESSION AUTHORIZATION regress_cr_owner;
SET search_path = cr;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, note text, owner_id text, account_id int, other_id int);
CREATE TABLE line (id int PRIMARY KEY, note text, contact_id int);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cr TO regress_cr_bob;
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'cr_parental', preset => 'parental');
SELECT relmeta.create_one_to_many('account', 'contact', 'other_id', 'cr_referential');
SELECT relmeta.create_one_to_many('contact', 'line', 'contact_id', 'cr_line', share => 'all', reparent => 'all', delete => 'all');
-- account 1 is bob's, 2 and 3 are ann's; contact 21 is below 2, 20 below none
INSERT INTO account VALUES (1, 'a1', 'cr_bob'), (2, 'a2', 'cr_ann'), (3, 'a3', 'cr_ann');
INSERT INTO contact VALUES (20, 'c20', 'cr_ann', NULL, NULL), (21, 'c21', 'cr_ann', 2, 2);
INSERT INTO line VALUES (30, 'l', 21);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact,line}'::regclass[]) AS t;

-- each statement of bob's, with the rights that he holds on contacts 20, 21 and on account 3; how each ended: rows, or an SQLSTATE
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n bigint; state text;
BEGIN
  BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS n = ROW_COUNT;
    RAISE EXCEPTION USING ERRCODE = 'RZ000', MESSAGE = n::text;
  EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'RZ000' THEN SQLERRM ELSE SQLSTATE END;
  END;
END $$;
CREATE TABLE op (nr int, what text, statement text);
INSERT INTO op VALUES
  (1, 'see', 'SELECT FROM cr.contact WHERE id = 21'),
  (2, 'write', 'UPDATE cr.contact SET note = ''x'' WHERE id = 21'),
  (3, 'delete', 'DELETE FROM cr.contact WHERE id = 21'),
  (4, 'assign', 'UPDATE cr.contact SET owner_id = ''cr_bob'' WHERE id = 21'),
  (5, 'disown', 'UPDATE cr.contact SET owner_id = NULL WHERE id = 21'),
  (6, 'link', 'UPDATE cr.contact SET account_id = 1 WHERE id = 20'),
  (7, 'move', 'UPDATE cr.contact SET account_id = 1 WHERE id = 21'),
  (8, 'move, referential', 'UPDATE cr.contact SET other_id = 1 WHERE id = 21'),
  (9, 'clear', 'UPDATE cr.contact SET account_id = NULL WHERE id = 21'),
  (10, 'link to 3', 'UPDATE cr.contact SET account_id = 3 WHERE id = 20'),
  (11, 'link to nothing', 'UPDATE cr.contact SET account_id = 99 WHERE id = 20'),
  (12, 'same values', 'UPDATE cr.contact SET account_id = account_id, owner_id = owner_id WHERE id = 21'),
  (13, 'insert below 3', 'INSERT INTO cr.contact VALUES (40, ''x'', ''cr_bob'', 3)'),
  (14, 'insert below 21', 'INSERT INTO cr.line VALUES (40, ''x'', 21)'),
  (15, 'lock', 'SELECT FROM cr.contact WHERE id = 21 FOR SHARE'),
  (16, 'clear, referential', 'UPDATE cr.contact SET other_id = NULL WHERE id = 21'),
  -- a row that is there for him, and that he may not write, is refused as such
  (17, 'assign()', 'SELECT relmeta.assign(''cr.contact'', 21, ''cr_bob'')');
GRANT SELECT ON op TO PUBLIC;
CREATE TABLE result (n serial, nr int, came text);
GRANT ALL ON result, result_n_seq TO PUBLIC;
CREATE PROCEDURE matrix(held relmeta.access_right[]) LANGUAGE plpgsql AS $$
DECLARE o cr.op;
BEGIN
  PERFORM relmeta.share_many('cr.contact', '{20,21}', '{cr_team}', held) WHERE cardinality(held) > 0;
  PERFORM relmeta.share('cr.account', 3, 'cr_bob', held) WHERE cardinality(held) > 0;
  SET LOCAL SESSION AUTHORIZATION regress_cr_bob;
  FOR o IN SELECT * FROM cr.op ORDER BY nr LOOP
    INSERT INTO cr.result (nr, came) VALUES (o.nr, cr.try(o.statement));
  END LOOP;
  SET LOCAL SESSION AUTHORIZATION regress_cr_owner;
  PERFORM relmeta.unshare_many('cr.contact', '{20,21}', '{cr_team}'), relmeta.unshare('cr.account', 3, 'cr_bob');
END $$;
RESET SESSION AUTHORIZATION;
CALL cr.matrix('{}');
CALL cr.matrix('{read}');
CALL cr.matrix('{read,write}');
CALL cr.matrix('{read,delete}');
CALL cr.matrix('{read,write,assign}');
CALL cr.matrix('{read,write,append}');
CALL cr.matrix('{read,write,append_to}');
CALL cr.matrix('{read,write,append,append_to}');
CALL cr.matrix('{read,write,append,share}');
CALL cr.matrix('{read,append,append_to,assign,share}');
CALL cr.matrix('{write}');
CALL cr.matrix('{read,write,append,append_to,create,delete,share,assign}');
SET search_path = cr;
-- the rights of each call in turn: rows, or the SQLSTATE
SELECT what, string_agg(came, ' ' ORDER BY n) FROM result JOIN op USING (nr) GROUP BY nr, what ORDER BY nr;
-- => see|0 1 1 1 1 1 1 1 1 1 0 1
-- => write|0 0 1 0 1 1 1 1 1 0 0 1
-- => delete|0 0 0 1 0 0 0 0 0 0 0 1
-- => assign|0 0 42501 0 1 42501 42501 42501 42501 0 0 1
-- => disown|0 0 42501 0 1 42501 42501 42501 42501 0 0 1
-- => link|0 0 42501 0 42501 1 42501 1 1 0 0 1
-- => move|0 0 42501 0 42501 42501 42501 42501 1 0 0 1
-- => move, referential|0 0 42501 0 42501 1 42501 1 1 0 0 1
-- => clear|0 0 42501 0 42501 42501 42501 42501 1 0 0 1
-- => link to 3|0 0 42501 0 42501 42501 42501 1 42501 0 0 1
-- => link to nothing|0 0 42501 0 42501 42501 42501 42501 42501 0 0 42501
-- => same values|0 0 1 0 1 1 1 1 1 0 0 1
-- => insert below 3|42501 42501 42501 42501 42501 42501 1 1 42501 1 42501 1
-- => insert below 21|42501 42501 42501 42501 42501 42501 1 1 42501 1 42501 1
-- => lock|0 0 1 0 1 1 1 1 1 0 0 1
-- => clear, referential|0 0 1 0 1 1 1 1 1 0 0 1
-- => assign()|P0002 42501 42501 42501 1 42501 42501 42501 42501 42501 P0002 1
SELECT count(*) FROM result;
-- => 204

--
-- Moving a row needs share, in one statement or in two: by a multi-table lookup, too, whose type changes; a row that a
-- removed link leaves without primary row has been moved by nobody
--
SET SESSION AUTHORIZATION regress_cr_owner;
CREATE TABLE letter (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('letter', 'owner_id');
SELECT relmeta.create_multi_table_lookup('letter', 'about_id', '{account,contact}', assign => 'all', share => 'all', unshare => 'all', reparent => 'all', "delete" => 'remove_link');
INSERT INTO letter VALUES (1, 'cr_ann', 2, 'account'), (2, 'cr_ann', 1, 'account');
GRANT SELECT, INSERT, UPDATE, DELETE ON letter TO regress_cr_bob;
SELECT relmeta.enable_access_control('letter');
SELECT relmeta.share_many('letter', '{1,2}', '{cr_bob}', '{read,write,append}'), relmeta.share('contact', 21, 'cr_bob', '{read,append_to}');
SET SESSION AUTHORIZATION regress_cr_bob;
UPDATE letter SET about_id = 21, about_type = 'contact' WHERE id = 1;
-- => ERROR:  42501
UPDATE letter SET about_id = NULL, about_type = NULL WHERE id = 1;
-- => ERROR:  42501
INSERT INTO letter VALUES (1, 'cr_bob', NULL, NULL) ON CONFLICT (id) DO UPDATE SET about_id = NULL, about_type = NULL;
-- => ERROR:  42501
MERGE INTO letter USING (VALUES (1)) AS v (id) ON letter.id = v.id WHEN MATCHED THEN UPDATE SET about_id = NULL, about_type = NULL;
-- => ERROR:  42501
\set VERBOSITY terse
UPDATE letter SET about_id = NULL, about_type = NULL WHERE id = 1;
-- => ERROR:  principal "cr_bob" does not hold the right share on a row of table "letter"
\set VERBOSITY sqlstate
BEGIN;
DELETE FROM account WHERE id = 1 RETURNING id;
-- => 1
SELECT id, about_id FROM letter ORDER BY id;
-- => 1|2
-- => 2|
ROLLBACK;
SET SESSION AUTHORIZATION regress_cr_owner;
SELECT relmeta.share('letter', 1, 'cr_bob', '{share}');
SET SESSION AUTHORIZATION regress_cr_bob;
BEGIN;
UPDATE letter SET about_id = NULL, about_type = NULL WHERE id = 1 RETURNING id;
-- => 1
UPDATE letter SET about_id = 21, about_type = 'contact' WHERE id = 1 RETURNING id;
-- => 1
ROLLBACK;
SET SESSION AUTHORIZATION regress_cr_owner;
SELECT relmeta.unshare('contact', 21, 'cr_bob');
DROP TABLE letter;

--
-- INSERT: whose the new row is
--
SET SESSION AUTHORIZATION regress_cr_bob;
BEGIN;
INSERT INTO account VALUES (50, 'x', 'cr_bob'), (51, 'x', 'cr_team') RETURNING id;
-- => 50
-- => 51
INSERT INTO account VALUES (52, 'x', NULL);
-- => ERROR:  42501
ROLLBACK;
INSERT INTO account VALUES (52, 'x', 'cr_ann');
-- => ERROR:  42501
INSERT INTO account VALUES (52, 'x', 'nobody');
-- => ERROR:  42501
INSERT INTO account SELECT 60 + i, 'x', CASE WHEN i < 100 THEN 'cr_bob' ELSE 'cr_ann' END FROM generate_series(1, 100) AS i;
-- => ERROR:  42501
-- a row without owner below a primary row on which he holds append_to, and of several lookups each
BEGIN;
INSERT INTO contact VALUES (52, 'x', NULL, 1, NULL);
INSERT INTO contact VALUES (53, 'x', NULL, 1, 2);
-- => ERROR:  42501
ROLLBACK;
INSERT INTO contact VALUES (52, 'x', 'cr_bob', 2, 1);
-- => ERROR:  42501
-- rows that the statement itself has made, in whatever order; a deferred key does not matter
BEGIN;
WITH c AS (INSERT INTO contact VALUES (70, 'x', 'cr_bob', 1, NULL), (71, 'y', 'cr_bob', NULL, NULL) RETURNING id),
  l AS (INSERT INTO line SELECT id, 'l', id FROM c RETURNING id)
  INSERT INTO line SELECT 100 + id, 'l', id FROM c RETURNING id;
-- => 170
-- => 171
WITH l AS (INSERT INTO line VALUES (80, 'l', 72)) INSERT INTO contact VALUES (72, 'x', 'cr_bob', NULL, NULL) RETURNING id;
-- => 72
SELECT id FROM line WHERE id IN (70, 71, 80) ORDER BY id;
-- => 70
-- => 71
-- => 80
-- linked in one statement to a row that is made in it
WITH a AS (INSERT INTO account VALUES (90, 'new', 'cr_team') RETURNING id) UPDATE contact SET account_id = a.id FROM a WHERE contact.id = 71 RETURNING account_id;
-- => 90
ROLLBACK;
-- one that was made earlier and has been given away does not count
BEGIN;
INSERT INTO contact VALUES (70, 'x', 'cr_bob', NULL, NULL);
UPDATE contact SET owner_id = 'cr_ann' WHERE id = 70 RETURNING owner_id;
-- => cr_ann
INSERT INTO line VALUES (70, 'l', 70);
-- => ERROR:  42501
ROLLBACK;

--
-- What is stored counts: triggers and defaults of the application
--
SET SESSION AUTHORIZATION regress_cr_owner;
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.note = 'to ann' THEN NEW.owner_id := 'cr_ann'; END IF;
  IF NEW.note = 'to 2' THEN NEW.account_id := 2; END IF;
  IF NEW.note = 'to bob' THEN NEW.owner_id := 'cr_bob'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION meddle();
CREATE TRIGGER "~~~" BEFORE INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION meddle();
SELECT relmeta.share('contact', 21, 'cr_bob', '{read,write}');
SET SESSION AUTHORIZATION regress_cr_bob;
INSERT INTO contact VALUES (90, 'to ann', 'cr_bob', NULL, NULL);
-- => ERROR:  42501
INSERT INTO contact VALUES (90, 'to 2', 'cr_bob', NULL, NULL);
-- => ERROR:  42501
UPDATE contact SET note = 'to bob' WHERE id = 21;
-- => ERROR:  42501
UPDATE contact SET note = 'to 2' WHERE id = 21 RETURNING note;
-- => to 2
BEGIN;
INSERT INTO contact VALUES (90, 'to bob', 'cr_ann', NULL, NULL) RETURNING owner_id;
-- => cr_bob
ROLLBACK;
SET SESSION AUTHORIZATION regress_cr_owner;
DROP TRIGGER zzz ON contact;
DROP TRIGGER "~~~" ON contact;
SELECT relmeta.unshare('contact', 21, 'cr_bob');

--
-- everyone: counts in policies and checks, is capped, is inherited by nothing, is nobody's without a principal
--
SELECT relmeta.enable_access_control('account', everyone => '{read,append_to}');
SET SESSION AUTHORIZATION regress_cr_bob;
BEGIN;
SELECT count(*) FROM account;
-- => 3
SELECT count(*) FROM contact;
-- => 0
INSERT INTO contact VALUES (95, 'x', 'cr_bob', 2, NULL) RETURNING id;
-- => 95
INSERT INTO contact VALUES (96, 'x', NULL, 2, NULL);
SELECT id FROM contact WHERE id IN (95, 96);
-- => 95
UPDATE account SET note = 'x' WHERE id = 2 RETURNING id;
-- => none
SELECT relmeta.principal_access('account', 2), relmeta.principal_access('account', 1);
-- => {read,append_to}|{read,write,append,append_to,delete,share,assign}
SELECT relmeta.share('account', 2, 'cr_team');
-- => ERROR:  42501
ROLLBACK;
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT relmeta.act_as('cr_bob', rights => '{append_to}');
SET LOCAL ROLE regress_cr_bob;
SELECT count(*) FROM account;
-- => 0
ROLLBACK;
SELECT count(*) FROM relmeta_access.account;
-- => 0
SET SESSION AUTHORIZATION regress_cr_owner;
SELECT everyone FROM relmeta.tables WHERE relation = 'account'::regclass;
-- => {read,append_to}
SELECT relmeta.has_access('account', 2, 'read');
-- => f
SELECT relmeta.enable_access_control('account', everyone => '{share}');
SET SESSION AUTHORIZATION regress_cr_bob;
SELECT count(*) FROM account;
-- => 1
SET SESSION AUTHORIZATION regress_cr_owner;
SELECT relmeta.enable_access_control('account', everyone => '{}');
SELECT relmeta.enable_access_control('account', everyone => '{fly}');
-- => ERROR:  22P02

--
-- A cap: every statement, ownership included; inserting needs create
--
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT relmeta.act_as('cr_bob', rights => '{read,write}');
SET LOCAL ROLE regress_cr_bob;
UPDATE account SET note = 'capped' WHERE id = 1 RETURNING id;
-- => 1
DELETE FROM account WHERE id = 1 RETURNING id;
-- => none
SAVEPOINT s;
UPDATE account SET owner_id = 'cr_team' WHERE id = 1;
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO account VALUES (99, 'x', 'cr_bob');
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.share('account', 1, 'cr_team');
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.assign('account', 1, 'cr_team');
-- => ERROR:  42501
ROLLBACK TO s;
SELECT * FROM relmeta.explain_access('account', 1);
-- => owner||{read,write}||account|1|0
ROLLBACK;
BEGIN;
SELECT relmeta.act_as('cr_bob', rights => '{read,create}');
SET LOCAL ROLE regress_cr_bob;
INSERT INTO account VALUES (99, 'x', 'cr_bob') RETURNING id;
-- => 99
SAVEPOINT s;
INSERT INTO contact VALUES (99, 'x', 'cr_bob', 1, NULL);
-- => ERROR:  42501
ROLLBACK;
SET relmeta.rights = 'read, write';
SELECT relmeta.principal_access('cr.account', 1, 'cr_bob');
-- => {read,write,append,append_to,delete,share,assign}
RESET relmeta.rights;

--
-- force; who is exempt stays so whatever the setting
--
SET relmeta.principal = 'cr_bob';
SELECT count(*) FROM account;
-- => 3
RESET relmeta.principal;
SET SESSION AUTHORIZATION regress_cr_owner;
SELECT count(*) FROM account;
-- => 3
SELECT relmeta.enable_access_control('account', force => true);
SET client_min_messages = error;
SELECT count(*) FROM account;
-- => 0
INSERT INTO account VALUES (97, 'x', 'cr_ann');
-- => ERROR:  42501
SELECT relmeta.enable_access_control('account');
SELECT count(*) FROM account;
-- => 0
SELECT relmeta.enable_access_control('account', force => false);
SELECT count(*) FROM account;
-- => 3
SET client_min_messages = warning;
-- forced, cascades and foreign keys act all the same
SELECT relmeta.enable_access_control(t, force => true) FROM unnest('{account,contact,line}'::regclass[]) AS t;
SET SESSION AUTHORIZATION regress_cr_bob;
BEGIN;
INSERT INTO contact VALUES (98, 'x', 'cr_bob', 1, NULL);
INSERT INTO line VALUES (98, 'x', 98);
UPDATE account SET owner_id = 'cr_team' WHERE id = 1;
SELECT owner_id FROM contact WHERE id = 98;
-- => cr_team
DELETE FROM account WHERE id = 1;
SELECT count(*) FROM contact;
-- => 0
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM contact WHERE id = 98;
-- => 0
ROLLBACK;
RESET SESSION AUTHORIZATION;

--
-- require_principal
--
CREATE ROLE regress_cr_nobody;
GRANT SELECT, INSERT, UPDATE, DELETE ON account, contact TO regress_cr_nobody;
CREATE VIEW cr.v WITH (security_invoker) AS SELECT * FROM account;
CREATE FUNCTION cr.counts() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM cr.account; RETURN (SELECT count(*) FROM cr.contact); END $$;
GRANT SELECT, DELETE ON v TO regress_cr_nobody;
\set VERBOSITY terse
SET SESSION AUTHORIZATION regress_cr_nobody;
SELECT count(*) FROM account;
SELECT counts(), (SELECT count(*) FROM v);
SELECT 1 WHERE EXISTS (SELECT FROM account WHERE false);
UPDATE account SET note = 'x';
DELETE FROM account WHERE id = 77;
SELECT count(*) FROM pg_class WHERE oid = 'account'::regclass;
-- => 1
RESET SESSION AUTHORIZATION;
SET relmeta.require_principal = error;
SET SESSION AUTHORIZATION regress_cr_nobody;
SELECT count(*) FROM account;
-- => ERROR:  access to table "account" is controlled, and there is no current principal
SELECT counts();
-- => ERROR:  access to table "account" is controlled, and there is no current principal
SET enable_indexscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM account WHERE id = 1 AND note = 'x';
RESET enable_indexscan;
RESET enable_bitmapscan;
DELETE FROM v;
-- => ERROR:  access to table "account" is controlled, and there is no current principal
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM account;
-- => 3
-- links of a controlled end are controlled, in a partition too
SET SESSION AUTHORIZATION regress_cr_owner;
SET client_min_messages = error;
CREATE TABLE tag (id int PRIMARY KEY);
CREATE TABLE tagged (account_id int REFERENCES account, tag_id int REFERENCES tag, PRIMARY KEY (account_id, tag_id)) PARTITION BY HASH (account_id);
CREATE TABLE tagged_0 PARTITION OF tagged FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT relmeta.create_many_to_many('account', 'tag', 'cr_tag'), relmeta.adopt_many_to_many('tagged', 'cr_tagged'), relmeta.create_many_to_many('tag', 'tag', 'cr_plain');
INSERT INTO tag VALUES (1);
INSERT INTO tagged VALUES (1, 1), (2, 1);
SET client_min_messages = warning;
GRANT SELECT, INSERT, UPDATE, DELETE ON tag, tagged, tagged_0, account_tag, tag_tag TO regress_cr_nobody, regress_cr_bob;
SET SESSION AUTHORIZATION regress_cr_bob;
SELECT * FROM tagged;
-- => 1|1: 2 is not his
SELECT * FROM tagged_0;
-- => 1|1
SET SESSION AUTHORIZATION regress_cr_nobody;
SELECT count(*) FROM account_tag;
-- => ERROR:  access to table "account_tag" is controlled, and there is no current principal
DELETE FROM tagged;
-- => ERROR:  access to table "tagged" is controlled, and there is no current principal
UPDATE tagged_0 SET tag_id = tag_id;
-- => ERROR:  access to table "tagged_0" is controlled, and there is no current principal
SELECT relmeta.associated_with_all('cr_tag', '{1}', 2);
-- => ERROR:  access to table "account_tag" is controlled, and there is no current principal
SELECT count(*) FROM tag_tag;
-- => 0
EXPLAIN (COSTS OFF) SELECT * FROM account_tag;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM account_tag;
-- => 0
SET relmeta.require_principal = warn;
SET SESSION AUTHORIZATION regress_cr_nobody;
SELECT count(*) FROM account_tag;
RESET SESSION AUTHORIZATION;
SET relmeta.require_principal = off;
SET SESSION AUTHORIZATION regress_cr_nobody;
SELECT count(*) FROM account_tag;
-- => 0
SELECT count(*) FROM account;
-- => 0
INSERT INTO account VALUES (99, 'x', NULL);
-- => ERROR:  access to table "account" is controlled, and there is no current principal
RESET SESSION AUTHORIZATION;
RESET relmeta.require_principal;

DROP SCHEMA cr CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cr_ann,cr_bob,cr_team}'::text[]) AS p;
DROP ROLE regress_cr_owner, regress_cr_bob, regress_cr_nobody;
