-- assign: an UPDATE of the owner column is an Assign and cascades as each relationship says (SEMANTICS 3.1, 3.8).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_assign;
CREATE SCHEMA assign AUTHORIZATION regress_assign;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
SET ROLE regress_assign;
SET search_path = assign;

CREATE FUNCTION owners(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(owner, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;

CREATE TABLE account (id int PRIMARY KEY, owner text, name text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int REFERENCES account, owner text, is_open boolean);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text, status int);
INSERT INTO account VALUES (1, 'u'), (2, NULL), (3, 'w');
INSERT INTO contact VALUES (10, 1, 'u', true), (11, 1, 'u', false), (12, 1, 'w', true), (13, 1, 'v', true),
  (14, 1, NULL, true), (15, 1, 'u', NULL), (20, 2, 'u', true), (21, 2, NULL, true), (30, 3, 'u', true), (40, NULL, 'u', true);
INSERT INTO note VALUES (100, 10, 'u', 0), (101, 10, 'w', 1), (110, 11, 'u', 0), (120, 12, 'u', 0), (130, 13, 'u', 0),
  (150, 15, 'w', 0), (200, 20, 'u', 0);
SELECT relmeta.register_table('account', 'owner');
SELECT relmeta.register_table('contact', 'owner', 'is_open');
SELECT relmeta.register_table('note', 'owner', 'status');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', foreign_key => false);
-- => contact_note

-- all: whoever owns them, in whatever state; the row that already has the new owner and other parents' rows are left alone
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:v 2:- 3:w|10:v 11:v 12:v 13:v 14:v 15:v 20:u 21:- 30:u 40:u|100:u 101:w 110:u 120:u 130:u 150:w 200:u
ROLLBACK;
SELECT owners('account'), owners('contact');
-- => 1:u 2:- 3:w|10:u 11:u 12:w 13:v 14:- 15:u 20:u 21:- 30:u 40:u

-- active: a NULL state is not active, a NULL owner does not matter
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'active') IS NULL;
-- => t
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('contact');
-- => 10:v 11:u 12:v 13:v 14:v 15:u 20:u 21:- 30:u 40:u
ROLLBACK;

-- user_owned: whoever owned the account before the change
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'user_owned') IS NULL;
-- => t
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('contact');
-- => 10:v 11:v 12:w 13:v 14:- 15:v 20:u 21:- 30:u 40:u
ROLLBACK;

-- none
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'none') IS NULL;
-- => t
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('account'), owners('contact');
-- => 1:v 2:- 3:w|10:u 11:u 12:w 13:v 14:- 15:u 20:u 21:- 30:u 40:u
ROLLBACK;

-- the rolled-back changes of the relationship are forgotten: all again
BEGIN;
UPDATE account SET owner = 'w' WHERE id = 1;
SELECT owners('contact');
-- => 10:w 11:w 12:w 13:w 14:w 15:w 20:u 21:- 30:u 40:u
ROLLBACK;

-- to nobody and from nobody
BEGIN;
UPDATE account SET owner = NULL WHERE id = 1;
SELECT owners('account'), owners('contact');
-- => 1:- 2:- 3:w|10:- 11:- 12:- 13:- 14:- 15:- 20:u 21:- 30:u 40:u
UPDATE account SET owner = 'v' WHERE id = 2;
SELECT owners('account'), owners('contact');
-- => 1:- 2:v 3:w|10:- 11:- 12:- 13:- 14:- 15:- 20:v 21:v 30:u 40:u
ROLLBACK;
-- user_owned: NULL equals nothing, not even NULL
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'user_owned') IS NULL;
-- => t
UPDATE account SET owner = 'v' WHERE id = 2;
SELECT owners('account'), owners('contact');
-- => 1:u 2:v 3:w|10:u 11:u 12:w 13:v 14:- 15:u 20:u 21:- 30:u 40:u
UPDATE account SET owner = NULL WHERE id = 1;
SELECT owners('account'), owners('contact');
-- => 1:- 2:v 3:w|10:- 11:- 12:w 13:v 14:- 15:- 20:u 21:- 30:u 40:u
ROLLBACK;

-- several levels: what is re-assigned cascades on; what is not (13 was v's already) does not
BEGIN;
SELECT relmeta.update_relationship('contact_note', assign => 'all') IS NULL;
-- => t
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('contact'), owners('note');
-- => 10:v 11:v 12:v 13:v 14:v 15:v 20:u 21:- 30:u 40:u|100:v 101:v 110:v 120:v 130:u 150:v 200:u
ROLLBACK;
-- active above, user_owned below: 120's contact was w's, and 11 and 15 stay
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'active') IS NULL,
  relmeta.update_relationship('contact_note', assign => 'user_owned') IS NULL;
-- => t|t
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('contact'), owners('note');
-- => 10:v 11:u 12:v 13:v 14:v 15:u 20:u 21:- 30:u 40:u|100:v 101:w 110:u 120:u 130:u 150:w 200:u
ROLLBACK;
-- user_owned above, active below: note 101 is not active, contact 12 stays
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'user_owned') IS NULL,
  relmeta.update_relationship('contact_note', assign => 'active') IS NULL;
-- => t|t
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('contact'), owners('note');
-- => 10:v 11:v 12:w 13:v 14:- 15:v 20:u 21:- 30:u 40:u|100:v 101:w 110:v 120:u 130:u 150:v 200:u
ROLLBACK;
-- starting in the middle
BEGIN;
SELECT relmeta.update_relationship('contact_note', assign => 'all') IS NULL;
-- => t
UPDATE contact SET owner = 'v' WHERE id IN (10, 12, 13);
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:u 2:- 3:w|10:v 11:u 12:v 13:v 14:- 15:u 20:u 21:- 30:u 40:u|100:v 101:v 110:u 120:v 130:u 150:w 200:u
ROLLBACK;

-- nothing to do: the same owner again, another column, the state
BEGIN;
UPDATE account SET owner = owner;
UPDATE account SET owner = 'u', name = 'x' WHERE id = 1;
UPDATE account SET name = 'y';
UPDATE contact SET is_open = NOT is_open;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:u 2:- 3:w|10:u 11:u 12:w 13:v 14:- 15:u 20:u 21:- 30:u 40:u|100:u 101:w 110:u 120:u 130:u 150:w 200:u
ROLLBACK;

-- there and back in one transaction: each statement cascades by itself, so 12 and 14 do not return
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
UPDATE account SET owner = 'u' WHERE id = 1;
SELECT owners('account'), owners('contact');
-- => 1:u 2:- 3:w|10:u 11:u 12:u 13:u 14:u 15:u 20:u 21:- 30:u 40:u
ROLLBACK;

-- assign(): the rows that changed owner, cascades included; a key in any form
BEGIN;
SELECT relmeta.update_relationship('contact_note', assign => 'all') IS NULL;
-- => t
SELECT relmeta.assign('account', 1, 'v');
-- => 11
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:v 2:- 3:w|10:v 11:v 12:v 13:v 14:v 15:v 20:u 21:- 30:u 40:u|100:v 101:v 110:v 120:v 130:u 150:v 200:u
SELECT relmeta.assign('account', '1', 'v');
-- => 0
SELECT relmeta.assign('contact', 20::bigint, 'w');
-- => 2
SELECT relmeta.assign('contact', '40'::varchar, 'w');
-- => 1
PREPARE assign_untyped AS SELECT relmeta.assign('account', $1, $2);
EXECUTE assign_untyped('3', 'u');
-- => 1
EXECUTE assign_untyped('3', NULL);
-- => 2
SELECT owners('account'), owners('contact');
-- => 1:v 2:- 3:-|10:v 11:v 12:v 13:v 14:v 15:v 20:w 21:- 30:- 40:w
ROLLBACK;
DEALLOCATE assign_untyped;
-- no such row, no such principal, no such key, not registered, not owned
SELECT relmeta.assign('account', 99, 'v');
-- => ERROR:  P0002
SELECT relmeta.assign('account', 1, 'nobody');
-- => ERROR:  23503
SELECT relmeta.assign('account', 'one', 'v');
-- => ERROR:  22P02
CREATE TABLE other (id int PRIMARY KEY, owner text);
INSERT INTO other VALUES (1, 'u');
SELECT relmeta.assign('other', 1, 'v');
-- => ERROR:  42704
-- what was refused left nothing behind
SELECT owners('account'), owners('contact'), owners('other');
-- => 1:u 2:- 3:w|10:u 11:u 12:w 13:v 14:- 15:u 20:u 21:- 30:u 40:u|1:u

-- the caller's own UPDATE: whoever may not update the account cannot assign it; who may, needs no right on the contacts
RESET ROLE;
CREATE ROLE regress_assign_clerk;
GRANT USAGE ON SCHEMA assign TO regress_assign_clerk;
GRANT SELECT ON account TO regress_assign_clerk;
SET ROLE regress_assign_clerk;
SELECT relmeta.assign('assign.account', 1, 'v');
-- => ERROR:  42501
UPDATE account SET owner = 'v' WHERE id = 1;
-- => ERROR:  42501
RESET ROLE;
GRANT UPDATE (owner) ON account TO regress_assign_clerk;
SET ROLE regress_assign_clerk;
BEGIN;
SELECT relmeta.assign('assign.account', 1, 'v');
-- => 6
SET LOCAL ROLE regress_assign;
SELECT owners('account'), owners('contact');
-- => 1:v 2:- 3:w|10:v 11:v 12:v 13:v 14:v 15:v 20:u 21:- 30:u 40:u
ROLLBACK;
RESET ROLE;
REVOKE UPDATE (owner) ON assign.account FROM regress_assign_clerk;
GRANT UPDATE (name) ON assign.account TO regress_assign_clerk;

-- 3.8 "an action whose new value equals the old one does nothing": no row is written, no trigger fires; it takes what an
-- assign takes
SET ROLE regress_assign_clerk;
SELECT relmeta.assign('assign.account', 1, 'u');
-- => ERROR:  42501
SET ROLE regress_assign;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'written' USING ERRCODE = 'RM001'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT relmeta.assign('account', 1, 'u'), relmeta.assign('account', 2, NULL), relmeta.assign('account', '3', 'w');
-- => 0|0|0
SELECT relmeta.assign('account', 2, 'u');
-- => ERROR:  RM001
SELECT relmeta.assign('account', 1, NULL);
-- => ERROR:  RM001
DROP TRIGGER refuse ON account;
DROP FUNCTION refuse();
BEGIN;
SELECT relmeta.share('account', 1, 'v', '{read}'), relmeta.share('account', 1, 'v', '{read}'), relmeta.modify_share('account', 1, 'v', '{read}'),
  relmeta.unshare('account', 1, 'v', '{write}'), relmeta.unshare('account', 1, 'w');
-- => 6|0|0|0|0
UPDATE contact SET account_id = account_id WHERE id = 12;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'contact'::regclass AND object_key = '12';
-- => 1
ROLLBACK;

-- hierarchies: as deep as they go, and only below
CREATE TABLE person (id int PRIMARY KEY, manager_id int, owner text, is_open boolean DEFAULT true);
INSERT INTO person VALUES (1, NULL, 'u'), (2, 1, 'u'), (3, 2, 'u'), (4, 3, 'w'), (5, 4, 'u'), (6, 1, 'v'), (7, 6, 'u'), (8, NULL, 'u'), (9, 8, 'u');
SELECT relmeta.register_table('person', 'owner', 'is_open');
SELECT relmeta.create_one_to_many('person', 'person', 'manager_id', is_hierarchical => true, preset => 'parental');
-- => person_person
BEGIN;
UPDATE person SET owner = 'v' WHERE id = 1;
SELECT owners('person');
-- => 1:v 2:v 3:v 4:v 5:v 6:v 7:u 8:u 9:u
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('person_person', assign => 'user_owned') IS NULL;
-- => t
UPDATE person SET owner = 'v' WHERE id = 1;
SELECT owners('person');
-- => 1:v 2:v 3:v 4:w 5:u 6:v 7:u 8:u 9:u
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('person_person', assign => 'active') IS NULL;
-- => t
UPDATE person SET is_open = false WHERE id = 3;
UPDATE person SET owner = 'v' WHERE id = 1;
SELECT owners('person');
-- => 1:v 2:v 3:u 4:w 5:u 6:v 7:u 8:u 9:u
ROLLBACK;
BEGIN;
SELECT relmeta.assign('person', 2, 'v');
-- => 4
SELECT owners('person');
-- => 1:u 2:v 3:v 4:v 5:v 6:v 7:u 8:u 9:u
ROLLBACK;

-- a hierarchy below an account: two relationships cascade from one row
CREATE TABLE task (id int PRIMARY KEY, person_id int, owner text);
INSERT INTO task SELECT id * 10, id, 'u' FROM person;
SELECT relmeta.register_table('task', 'owner');
SELECT relmeta.create_one_to_many('person', 'task', 'person_id', assign => 'all', foreign_key => false);
-- => person_task
BEGIN;
SELECT relmeta.assign('person', 1, 'v');
-- => 10
SELECT owners('person'), owners('task');
-- => 1:v 2:v 3:v 4:v 5:v 6:v 7:u 8:u 9:u|10:v 20:v 30:v 40:v 50:v 60:u 70:u 80:u 90:u
ROLLBACK;

-- the columns are found by name, wherever they stand
SELECT relmeta.drop_relationship('person_task', drop_storage => true);
-- =>
ALTER TABLE task ADD COLUMN filler text;
SELECT relmeta.create_one_to_many('person', 'task', 'boss_id', assign => 'all', foreign_key => false, name => 'person_task_2');
-- => person_task_2
UPDATE task SET boss_id = id / 10;
BEGIN;
SELECT relmeta.assign('person', 1, 'v');
-- => 10
SELECT owners('task');
-- => 10:v 20:v 30:v 40:v 50:v 60:u 70:u 80:u 90:u
ROLLBACK;

RESET ROLE;
RESET search_path;
DROP SCHEMA assign CASCADE;
DROP ROLE regress_assign, regress_assign_clerk;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
