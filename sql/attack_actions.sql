-- Attacks through merges, rollups, hierarchies, connections, new related rows and automations: bob, an ordinary role, tries to learn
-- of ann's rows, or to change more than he may.  ATTACKS 39, 40, 42, 56, 57, 58.  The keys of ann's rows begin with 4700000.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_aa_owner;
CREATE ROLE regress_aa_ann;
CREATE ROLE regress_aa_bob;
SELECT relmeta.create_user('aa_ann', 'regress_aa_ann'), relmeta.create_user('aa_bob', 'regress_aa_bob'), relmeta.create_user('aa_cid');
CREATE SCHEMA aa AUTHORIZATION regress_aa_owner;
GRANT USAGE ON SCHEMA aa TO PUBLIC;
SET SESSION AUTHORIZATION regress_aa_owner;
SET search_path = aa;
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state int DEFAULT 0, note text, up text GENERATED ALWAYS AS (upper(note)) STORED);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, note text, up text GENERATED ALWAYS AS (upper(note)) STORED, secret text);
CREATE TABLE tag (id int PRIMARY KEY);
SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('contact', 'owner_id'), relmeta.register_table('tag');
SELECT relmeta.create_one_to_many('account', 'account', 'parent_id', 'aa_above', is_hierarchical => true, rollup_view => 'all');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'aa_contacts', assign => 'all', share => 'all');
SELECT relmeta.create_many_to_many('account', 'tag', 'aa_tags', 'account_tag');
INSERT INTO account VALUES (1, 'aa_bob', 0, 'one'), (2, 'aa_bob', 0, 'two'), (4700001, 'aa_ann', 0, 'ann''s'), (4700002, 'aa_ann', 0, NULL), (3, 'aa_bob', 0, 'three');
UPDATE account SET parent_id = 1 WHERE id = 4700001;
UPDATE account SET parent_id = 4700001 WHERE id = 3;
INSERT INTO contact VALUES (11, 'aa_bob', NULL, DEFAULT, NULL, 1), (4700011, 'aa_ann', NULL, DEFAULT, NULL, 1), (4700012, 'aa_ann', NULL, DEFAULT, NULL, 1), (31, 'aa_bob', NULL, DEFAULT, NULL, 3),
  (4700021, 'aa_ann', NULL, DEFAULT, NULL, 4700001), (21, 'aa_bob', NULL, DEFAULT, NULL, 4700001);
INSERT INTO tag VALUES (1);
SELECT relmeta.enable_access_control('account'), relmeta.enable_access_control('contact');
GRANT SELECT, INSERT, UPDATE, DELETE ON account, tag, account_tag TO regress_aa_bob, regress_aa_ann;
GRANT SELECT, INSERT (id, owner_id, note, account_id), UPDATE, DELETE ON contact TO regress_aa_bob, regress_aa_ann;

--
-- ATTACKS 39: the counts of share, assign, merge and preview include rows that bob cannot see, as SEMANTICS 2.5 says; lists do not
--
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT id FROM contact WHERE account_id = 1;
-- => 11
SELECT effect, rows FROM relmeta.preview('share', 'account', 1, 'aa_cid') WHERE related_table = 'contact'::regclass;
-- => inherits|3
SELECT relmeta.share('account', 1, 'aa_cid'), relmeta.unshare('account', 1, 'aa_cid');
-- => 4|4
SELECT relationship, rows FROM relmeta.related('account', 1) WHERE relationship = 'aa_contacts';
-- => aa_contacts|1
SELECT count(*) FROM relmeta.rollup('account', 1, 'contact', 'none');
-- => 1
SELECT effect, rows FROM relmeta.preview('merge', 'account', 2, other_key => '1') WHERE relationship = 'aa_contacts';
-- => repointed|3
BEGIN;
SELECT * FROM relmeta.merge('account', 2, 1);
-- => aa_above|1|0, aa_contacts|3|0
ROLLBACK;
BEGIN;
SELECT relmeta.assign('account', 1, 'aa_cid');
-- => 4
ROLLBACK;

--
-- ATTACKS 40: a hidden row in between counts as a level, and is not named; what is below a hidden row is found; a hidden and a missing
-- row to start from are the same
--
SELECT * FROM relmeta.hierarchy_under('account', 1);
-- => 3|2
SELECT * FROM relmeta.hierarchy_above('account', 3);
-- => 1|2
SELECT k FROM relmeta.rollup('account', 1, 'contact') AS k ORDER BY k;
-- => 11, 21, 31
SELECT k FROM relmeta.rollup('account', 1, 'account') AS k;
-- => 3
SELECT * FROM relmeta.hierarchy_under('account', 4700001);
-- => ERROR:  table "account" has no row with that key that you may read
SELECT * FROM relmeta.hierarchy_under('account', 99);
-- => ERROR:  table "account" has no row with that key that you may read
SELECT relmeta.rollup('account', 4700001, 'contact');
-- => ERROR:  table "account" has no row with that key that you may read
SELECT relmeta.rollup('account', 99, 'contact');
-- => ERROR:  table "account" has no row with that key that you may read
SELECT * FROM relmeta.related('account', 4700001);
-- => ERROR:  table "account" has no row with that key that you may read

--
-- ATTACKS 42: views, lists and errors that are kept hold no key of hers
--
SET SESSION AUTHORIZATION regress_aa_owner;
CREATE FUNCTION nothing(regclass, text) RETURNS void LANGUAGE sql AS '';
SELECT relmeta.create_automation('aa_auto', 'account', 'nothing(regclass, text)');
SELECT relmeta.activate_automation('aa_auto', 4700001), relmeta.activate_automation('aa_auto', 1), relmeta.deactivate_automation('aa_auto', 4700001);
SELECT relmeta.connect('account', 1, 'contact', 4700011, description => 'hidden') IS NOT NULL, relmeta.connect('contact', 4700011, 'account', 2) IS NOT NULL, relmeta.connect('account', 1, 'contact', 11, description => 'seen') IS NOT NULL;
INSERT INTO account VALUES (5, 'aa_bob'), (6, 'aa_bob'), (4700003, 'aa_ann'), (4700004, 'aa_ann');
SELECT count(*) FROM relmeta.merge('account', 5, 4700003);
-- => 0
SELECT count(*) FROM relmeta.merge('account', 4700004, 6);
-- => 0
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT key, is_active FROM relmeta.automations;
-- => 1|t
SELECT other_key, description FROM relmeta.connections('account', 1);
-- => 11|seen
SELECT count(*) FROM relmeta.connections('account', 2);
-- => 0
SELECT count(*) FROM relmeta.merges;
-- => 0
SELECT relmeta.merged_into('account', 6) IS NULL, relmeta.merged_into('account', 4700003) IS NULL;
-- => t|t
-- a job that meets an error about one of her rows keeps its message: keys stand in its detail
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT relmeta.share('contact', 4700011, 'aa_cid'), relmeta.share('account', 1, 'aa_cid') > 0;
RESET SESSION AUTHORIZATION;
CREATE TABLE aa.left_behind (object int PRIMARY KEY, owner text CHECK (owner = ''));
CREATE FUNCTION aa.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO aa.left_behind VALUES (OLD.object, 'x'); RETURN OLD; END $$;
SELECT t.entry_table AS entries FROM relmeta.registered_table AS t WHERE t.relation = 'aa.contact'::regclass \gset
CREATE TRIGGER keep BEFORE DELETE ON :entries FOR EACH ROW EXECUTE FUNCTION aa.keep();
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT relmeta.update_relationship('aa_contacts', share => 'none', unshare => 'none') AS job \gset
SET client_min_messages = error;
CALL relmeta.run_jobs();
SET client_min_messages = warning;
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT last_error FROM relmeta.jobs WHERE job_id = :job;
-- => new row for relation "left_behind" violates check constraint "left_behind_owner_check"
RESET SESSION AUTHORIZATION;
DROP TRIGGER keep ON :entries;
SELECT relmeta.cancel_job(:job);
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT relmeta.update_relationship('aa_contacts', share => 'all', unshare => 'all');
-- a pending N:N says what its table cannot be made of: a default is not evaluated
SELECT relmeta.create_many_to_many('account', 'later', 'aa_later', attributes => 'x int DEFAULT aa.missing()');
CREATE TABLE later (id int PRIMARY KEY);
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT last_error FROM relmeta.many_to_many WHERE name = 'aa_later';
-- => function aa.missing() does not exist
-- nothing that anybody may read of relmeta has one of her keys in it
SELECT count(*) FROM pg_class AS c, LATERAL query_to_xml(format('SELECT v::text FROM relmeta.%I AS v', c.relname), false, false, '') AS x
  WHERE c.relnamespace = 'relmeta'::regnamespace AND c.relkind = 'v' AND x::text ~ '\m4700[0-9]{3}\M';
-- => 0

--
-- ATTACKS 56: a merge with write on the subordinate only; what update_content may say
--
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT relmeta.share('account', 4700002, 'aa_bob', '{read}');
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT * FROM relmeta.merge('account', 4700002, 2);
-- => ERROR:  permission denied to merge rows of table "account"
SELECT * FROM relmeta.merge('account', 2, 4700002);
-- => ERROR:  permission denied to merge rows of table "account"
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT relmeta.share('account', 4700002, 'aa_bob', '{write,share}');
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT * FROM relmeta.merge('account', 4700002, 2, '{"owner_id": "aa_bob"}');
-- => ERROR:  principal "aa_bob" does not hold the right assign on a row of table "account"
SELECT * FROM relmeta.merge('account', 2, 4700002, '{"id": 4700003}');
-- => ERROR:  update_content must not set the key "id"
SELECT * FROM relmeta.merge('account', 2, 4700002, '{"parent_id": 4700001}');
-- => ERROR:  principal "aa_bob" does not hold the right append_to on the row of table "account" that a row of table "account" is to be related to
SELECT * FROM relmeta.merge('account', 2, 4700002, '{"parent_id": 99}');
-- => ERROR:  principal "aa_bob" does not hold the right append_to on the row of table "account" that a row of table "account" is to be related to
SELECT * FROM relmeta.merge('account', 2, 4700002, '{"up": "X"}');
-- => ERROR:  column "up" is a generated column
SELECT * FROM relmeta.merge('account', 2, 4700002, '{"nothing": 1}');
-- => ERROR:  column "nothing" of table "account" does not exist
SELECT * FROM relmeta.merge('account', 2, 4700002, 'null');
-- => ERROR:  update_content must be a JSON object
SELECT * FROM relmeta.merge('account', 2, 4700002, '{"state": "x"}');
-- => ERROR:  invalid input syntax for type integer: "x"
-- nothing of all that has happened
SELECT id, owner_id, state, note FROM account WHERE id IN (2, 4700002) ORDER BY id;
-- => 2|aa_bob|0|two, 4700002|aa_ann|0|
-- null sets NULL
SELECT count(*) FROM relmeta.merge('account', 2, 4700002, '{"note": null}');
-- => 0
SELECT id, owner_id, state, note FROM account WHERE id IN (2, 4700002) ORDER BY id;
-- => 2|aa_bob|0|, 4700002|aa_ann|1|

--
-- ATTACKS 57: the overrides of create_related are the caller's own INSERT
--
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101, "owner_id": "aa_ann"}');
-- => ERROR:  principal "aa_bob" may not insert a row of another owner into table "contact"
-- (one without an owner may be put under a row that is his, as a line item is)
BEGIN;
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101}');
-- => 101
ROLLBACK;
-- a key that is taken by a row of hers: PostgreSQL's own error, without the key
\set VERBOSITY default
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 4700011, "owner_id": "aa_bob"}');
\set VERBOSITY terse
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101, "owner_id": "aa_bob", "account_id": 4700001}');
-- => ERROR:  principal "aa_bob" does not hold the right append_to on the row of table "account" that a row of table "contact" is to be related to
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101, "owner_id": "aa_bob", "account_id": 99}');
-- => ERROR:  principal "aa_bob" does not hold the right append_to on the row of table "account" that a row of table "contact" is to be related to
SELECT relmeta.create_related('aa_contacts', 4700001, '{"id": 101, "owner_id": "aa_bob", "account_id": 1}');
-- => ERROR:  table "account" has no row with that key that you may read
SELECT relmeta.initialize_from('aa_contacts', 4700001);
-- => ERROR:  table "account" has no row with that key that you may read
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101, "owner_id": "aa_bob", "up": "X"}');
-- => ERROR:  cannot insert a non-DEFAULT value into column "up"
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101, "owner_id": "aa_bob", "secret": "X"}');
-- => ERROR:  permission denied for table contact
SELECT relmeta.create_related('aa_contacts', 1, '{"id": 101, "owner_id": "aa_bob", "note": "his"}');
-- => 101
SELECT id, owner_id, note, up, secret, account_id FROM contact WHERE id > 100;
-- => 101|aa_bob|his|HIS||1
-- what is mapped and he may not insert is left out of what a row begins with
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT relmeta.map_column('aa_contacts', 'note', 'secret'), relmeta.map_column('aa_contacts', 'note', 'up'), relmeta.map_column('aa_contacts', 'note', 'note');
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT relmeta.initialize_from('aa_contacts', 1);
-- => {"note": "one", "account_id": 1}

--
-- ATTACKS 58: a procedure that its owner replaces is his code in his table's rows, as a trigger is, and is called as whoever updates; given
-- to somebody else, or made somebody else's by another name, it is not called; nobody activates on another's row
--
SET SESSION AUTHORIZATION regress_aa_owner;
CREATE TABLE seen (who text, key text);
GRANT INSERT ON seen TO PUBLIC;
SET SESSION AUTHORIZATION regress_aa_bob;
SELECT relmeta.activate_automation('aa_auto', 4700002);
-- => ERROR:  permission denied for automations on a row of table "account"
SELECT relmeta.deactivate_automation('aa_auto', 4700002);
-- => ERROR:  permission denied for automations on a row of table "account"
SELECT relmeta.activate_automation('aa_auto', 4700001);
-- => ERROR:  table "account" has no row with that key that you may read
SELECT relmeta.activate_automation('aa_auto', 99);
-- => ERROR:  table "account" has no row with that key that you may read
SELECT relmeta.create_automation('aa_his', 'account', 'nothing(regclass, text)');
-- => ERROR:  must be owner of table account
SELECT relmeta.drop_automation('aa_auto');
-- => ERROR:  must be owner of table account
SET SESSION AUTHORIZATION regress_aa_ann;
SELECT relmeta.activate_automation('aa_auto', 4700001);
SET SESSION AUTHORIZATION regress_aa_owner;
CREATE OR REPLACE FUNCTION nothing(regclass, text) RETURNS void LANGUAGE sql AS 'INSERT INTO aa.seen VALUES (current_user, $2)';
SET SESSION AUTHORIZATION regress_aa_ann;
UPDATE account SET note = 'hers' WHERE id = 4700001;
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT * FROM seen;
-- => regress_aa_ann|4700001
RESET SESSION AUTHORIZATION;
GRANT CREATE ON SCHEMA aa TO regress_aa_bob;
ALTER FUNCTION aa.nothing(regclass, text) OWNER TO regress_aa_bob;
SET SESSION AUTHORIZATION regress_aa_bob;
CREATE OR REPLACE FUNCTION aa.nothing(regclass, text) RETURNS void LANGUAGE sql AS 'INSERT INTO aa.seen VALUES (''bob as '' || current_user, $2)';
SET SESSION AUTHORIZATION regress_aa_ann;
UPDATE account SET note = 'hers again' WHERE id = 4700001;
-- => ERROR:  procedure of automation "aa_auto" belongs neither to the owner of table "account" nor to a superuser
RESET SESSION AUTHORIZATION;
DROP FUNCTION aa.nothing(regclass, text);
SET SESSION AUTHORIZATION regress_aa_bob;
CREATE FUNCTION aa.nothing(regclass, text) RETURNS void LANGUAGE sql AS 'INSERT INTO aa.seen VALUES (''bob as '' || current_user, $2)';
SET SESSION AUTHORIZATION regress_aa_ann;
UPDATE account SET note = 'hers again' WHERE id = 4700001;
-- => ERROR:  procedure of automation "aa_auto" belongs neither to the owner of table "account" nor to a superuser
SET SESSION AUTHORIZATION regress_aa_owner;
SELECT * FROM seen;
-- => regress_aa_ann|4700001

RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
DELETE FROM relmeta.job WHERE job_id = :job;
DROP SCHEMA aa CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{aa_ann,aa_bob,aa_cid}'::text[]) AS u;
-- => 3
DROP ROLE regress_aa_owner, regress_aa_ann, regress_aa_bob;
