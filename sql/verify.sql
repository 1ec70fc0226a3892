-- verify: what is broken is found, with the statement that mends it; repair() mends what is safe.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_vfy_owner;
CREATE ROLE regress_vfy_other;
CREATE SCHEMA vfy AUTHORIZATION regress_vfy_owner;
GRANT ALL ON SCHEMA vfy TO regress_vfy_other;
SELECT relmeta.create_user('vfy_u');
SET ROLE regress_vfy_owner;
SET search_path = vfy;
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state int);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text);
CREATE TABLE "Odd task" (id int PRIMARY KEY);
CREATE TABLE student (id int PRIMARY KEY);
CREATE TABLE course (id int PRIMARY KEY);
CREATE TABLE junction (s int REFERENCES student, c int REFERENCES course, PRIMARY KEY (s, c));
SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('contact', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', assign => 'all');
SELECT relmeta.create_multi_table_lookup('"Odd task"', 'about_id', '{account,contact}', delete => 'all');
SELECT relmeta.create_many_to_many('student', 'course'), relmeta.create_many_to_many('student', 'student', 'knows', 'knows', is_symmetric => true),
       relmeta.adopt_many_to_many('junction'), relmeta.create_many_to_many('student', 'later');
SELECT * FROM relmeta.verify();
-- => none: what merely waits for its table is no problem
SELECT relmeta.repair();
-- => 0

-- broken behind the back of the event triggers
RESET ROLE;
SET session_replication_role = replica;
ALTER TABLE contact DISABLE TRIGGER relmeta_statement_ends;
DROP TRIGGER relmeta_row_update ON account;
DROP TRIGGER zz_relmeta_link_updated ON student_course;
ALTER TABLE knows DISABLE TRIGGER relmeta_link_order;
ALTER TABLE contact DROP CONSTRAINT account_contact;
DROP INDEX contact_account_id_idx, student_course_course_id_student_id_idx;
INSERT INTO "Odd task" VALUES (1, 99, 'account'), (2, 99, 'contact');
ALTER TABLE relmeta.relationship ENABLE TRIGGER ALL;
SET session_replication_role = origin;
SELECT * FROM relmeta.verify();
SET ROLE regress_vfy_other;
SELECT count(*) FROM relmeta.verify() WHERE problem LIKE 'rows point%';
-- => 0: the rows are not his to look at
SELECT relmeta.repair();
-- => 0: none of these tables is his
SET ROLE regress_vfy_owner;
SELECT relmeta.repair();
-- => 7
SELECT * FROM relmeta.verify();
-- => the rows that point to nowhere, and relmeta's own table
SELECT repair FROM relmeta.verify() WHERE problem LIKE 'rows point%' \gexec
RESET ROLE;
SELECT relmeta.repair();
-- => 1
SELECT * FROM relmeta.verify();
-- => none
SET ROLE regress_vfy_owner;
TABLE "Odd task";
-- => both lookups are null
INSERT INTO account VALUES (1, 'vfy_u', 0);
INSERT INTO contact VALUES (1, 'vfy_u', 1);
INSERT INTO student VALUES (1), (2);
SELECT relmeta.associate('knows', 2, 1);
-- => 1

-- a foreign key that says something else, or cannot be made
RESET ROLE;
SET session_replication_role = replica;
ALTER TABLE contact DROP CONSTRAINT account_contact, ADD CONSTRAINT own_key FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE contact ALTER COLUMN account_id SET NOT NULL;
SET session_replication_role = origin;
SELECT * FROM relmeta.verify();
-- => does not do what delete => 'remove_link' says; NOT NULL
SELECT relmeta.repair();
-- => 1
SELECT repair FROM relmeta.verify() \gexec
SELECT * FROM relmeta.verify();
-- => none
SET session_replication_role = replica;
ALTER TABLE contact DROP CONSTRAINT own_key;
UPDATE contact SET account_id = 99;
SET session_replication_role = origin;
\set VERBOSITY default
SELECT relmeta.repair();
\set VERBOSITY sqlstate
-- => a warning, 0
UPDATE contact SET account_id = 1;
SELECT relmeta.repair();
-- => 1

-- what is gone
SET session_replication_role = replica;
DROP TABLE junction, "Odd task", course CASCADE;
ALTER TABLE account RENAME state TO status;
SET session_replication_role = origin;
SELECT regexp_replace(relation::text, '^[0-9]+$', 'OID'), object, regexp_replace(problem, '[0-9]+', 'OID', 'g'), repair FROM relmeta.verify();
SELECT relmeta.register_table('account', state_column => 'status');
SET ROLE regress_vfy_other;
SELECT relmeta.repair();
-- => 5: what belonged to tables that are gone is nobody's: two relationships, the registration, two N:N
RESET ROLE;
SELECT relation, repair FROM relmeta.verify();
-- => student_course|DROP TRIGGER zz_relmeta_link_updated ON vfy.student_course
DROP TRIGGER zz_relmeta_link_updated ON vfy.student_course;
SELECT * FROM relmeta.verify();
-- => none
SELECT name FROM relmeta.one_to_many UNION ALL SELECT name FROM relmeta.many_to_many;
-- => account_contact, knows, student_later

-- what a registered table came to be
SET session_replication_role = replica;
CREATE RULE r AS ON UPDATE TO account DO ALSO NOTHING;
ALTER EVENT TRIGGER relmeta_sql_drop DISABLE;
SET session_replication_role = origin;
SELECT * FROM relmeta.verify();
DROP RULE r ON account;
ALTER EVENT TRIGGER relmeta_sql_drop ENABLE;

-- a pending relationship that could not be completed
SET ROLE regress_vfy_other;
SELECT relmeta.create_many_to_many('vfy.student', 'vfy.later', 'theirs', 'vfy.theirs');
SET ROLE regress_vfy_owner;
CREATE TABLE later (id int PRIMARY KEY);
-- => a WARNING
SELECT * FROM relmeta.verify();
-- => theirs|is pending: permission denied
SELECT relmeta.repair();
-- => WARNING, 0
GRANT REFERENCES ON student, later TO regress_vfy_other;
SELECT relmeta.repair();
-- => 1
SELECT is_pending FROM relmeta.many_to_many;
-- => f, three times
SELECT * FROM relmeta.verify();
-- => none

-- a foreign key that is checked before relmeta's cascade is done
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a_id int);
CREATE TABLE c (id int PRIMARY KEY, a_id int, b_id int REFERENCES b);
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', delete => 'all', foreign_key => false), relmeta.create_one_to_many('a', 'c', 'a_id', delete => 'all', foreign_key => false);
SELECT * FROM relmeta.verify();
-- => of c_b_id_fkey alone
SELECT repair FROM relmeta.verify() \gexec
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1, 1);
INSERT INTO c VALUES (1, 1, 1);
DELETE FROM a;
SELECT count(*) FROM relmeta.verify();
-- => 0

-- owners that are no principals, entries of rows, principals and relationships that are not there
RESET ROLE;
CREATE TABLE alien (id int PRIMARY KEY, owner uuid);
ALTER TABLE alien OWNER TO regress_vfy_owner;
SELECT relmeta.register_table('alien', 'owner'), relmeta.create_user('vfy_v'), relmeta.create_team('vfy_t');
UPDATE account SET owner_id = 'vfy_u';
INSERT INTO account VALUES (2, 'vfy_u', 0), (3, 'vfy_u', 0);
SELECT relmeta.update_relationship('account_contact', share => 'all', unshare => 'all') IS NULL;
-- => t
SELECT relmeta.share_many('account', '{1,2,3}', '{vfy_v,vfy_t}') > 0;
-- => t
SET session_replication_role = replica;
UPDATE account SET owner_id = 'nobody' WHERE id = 1;
INSERT INTO account VALUES (4, 'nobody', 0), (5, 'nil', 0);
INSERT INTO alien VALUES (1, 'ffffffff-0000-0000-0000-000000000000');
DELETE FROM account WHERE id = 2;
DELETE FROM relmeta.principal WHERE principal = 'vfy_t';
INSERT INTO relmeta_access.account VALUES (3, 'vfy_v', 9999, 's', 2);
SET session_replication_role = origin;
SET ROLE regress_vfy_other;
SELECT * FROM relmeta.verify();
-- => none: they are not his to look at
SET ROLE regress_vfy_owner;
SELECT * FROM relmeta.verify();
SELECT relmeta.repair();
-- => 4: entries go, owners are left to people
SELECT * FROM relmeta.verify();
SELECT object_key, principal, access_rights_mask, inherited_access_rights_mask FROM relmeta.principal_object_access
  WHERE relation IN ('account'::regclass, 'contact'::regclass) ORDER BY relation::text, 1, 2;
-- => vfy_v on account 1 and 3, and on the contact
RESET ROLE;
SELECT repair FROM relmeta.verify() \gexec
SELECT * FROM relmeta.verify();
-- => none
SELECT principal FROM relmeta.principals WHERE principal ~ '^n|^f' ORDER BY 1;
-- => both owners, and the uuid

-- a table that lost its registration, as by a restore
SET session_replication_role = replica;
DELETE FROM relmeta.registered_table WHERE relation IN ('account'::regclass, 'contact'::regclass);
SET session_replication_role = origin;
SELECT relation, object, problem, repair FROM relmeta.verify() WHERE repair LIKE '%register_table%' ORDER BY 1;
-- => account, contact
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
SELECT * FROM relmeta.verify();
-- => none

RESET ROLE;
DROP SCHEMA vfy CASCADE;
SELECT count(*) FROM relmeta.verify();
-- => 0
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal ~ '^vfy_|^n|^f';
DROP ROLE regress_vfy_owner, regress_vfy_other;
