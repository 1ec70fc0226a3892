-- Principals in owner columns of all types: who is named, and who cannot be: SEMANTICS 2.2, 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_at_owner;
CREATE ROLE regress_at_seven;
CREATE ROLE regress_at_uuid;
SELECT relmeta.create_user('007', 'regress_at_seven'), relmeta.create_user('20'),
       relmeta.create_user('AAAAAAAA-0000-4000-8000-00000000000A', 'regress_at_uuid'), relmeta.create_user('at_ann');
SELECT relmeta.create_team('099'), relmeta.add_team_member('099', '007');
CREATE SCHEMA at AUTHORIZATION regress_at_owner;
GRANT USAGE ON SCHEMA at TO PUBLIC;
SET SESSION AUTHORIZATION regress_at_owner;
SET search_path = at;

-- a principal is named as it was registered, however the owner's type spells it
CREATE TABLE by_number (id bigint PRIMARY KEY, owner_id bigint);
CREATE TABLE by_uuid (id uuid PRIMARY KEY, owner_id uuid);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{by_number,by_uuid}'::regclass[]) AS t;
INSERT INTO by_number VALUES (1, 20);
INSERT INTO by_uuid VALUES ('bbbbbbbb-0000-4000-8000-00000000000b', NULL);
GRANT SELECT ON by_number, by_uuid TO PUBLIC;
SELECT relmeta.share_many('by_number', '{1}', '{007,099}');
-- => 2
SELECT relmeta.share('by_uuid', 'BBBBBBBB-0000-4000-8000-00000000000B', 'AAAAAAAA-0000-4000-8000-00000000000A');
-- => 1
SELECT principal, kind FROM relmeta.shared_principals('by_number', 1);
-- => 007|user
-- => 099|team
SELECT principal, kind FROM relmeta.shared_principals('by_uuid', 'bbbbbbbb-0000-4000-8000-00000000000b');
-- => AAAAAAAA-0000-4000-8000-00000000000A|user
SELECT * FROM relmeta.principal_object_access WHERE relation IN ('by_number'::regclass, 'by_uuid'::regclass) ORDER BY 1, 2, 3;
-- => by_number|1|007|1|0
-- => by_number|1|099|1|0
-- => by_uuid|bbbbbbbb-0000-4000-8000-00000000000b|AAAAAAAA-0000-4000-8000-00000000000A|1|0
SET SESSION AUTHORIZATION regress_at_seven;
SELECT principal, kind FROM relmeta.shared_principals('by_number', 1);
-- => 007|user
-- => 099|team
SELECT * FROM relmeta.principal_object_access;
-- => by_number|1|007|1|0
-- => by_number|1|099|1|0
SET SESSION AUTHORIZATION regress_at_uuid;
SELECT principal, kind FROM relmeta.shared_principals('by_uuid', 'bbbbbbbb-0000-4000-8000-00000000000b');
-- => AAAAAAAA-0000-4000-8000-00000000000A|user
SELECT * FROM relmeta.principal_object_access;
-- => by_uuid|bbbbbbbb-0000-4000-8000-00000000000b|AAAAAAAA-0000-4000-8000-00000000000A|1|0

-- one that the owner column cannot hold, of its domain or its length, is no value of its type
SET SESSION AUTHORIZATION regress_at_owner;
CREATE DOMAIN big AS bigint CHECK (value > 10);
CREATE TABLE by_domain (id int PRIMARY KEY, owner_id big);
CREATE TABLE by_code (id int PRIMARY KEY, owner_id varchar(3));
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{by_domain,by_code}'::regclass[]) AS t;
INSERT INTO by_domain VALUES (1, 20);
INSERT INTO by_code VALUES (1, '20');
SELECT relmeta.share('by_domain', 1, '007');
-- => ERROR:  principal "007" is no value of type big, in which table "by_domain" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.share('by_code', 1, 'at_ann');
-- => ERROR:  principal "at_ann" is no value of type character varying(3), in which table "by_code" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.unshare('by_code', 1, 'at_ann');
-- => ERROR:  principal "at_ann" is no value of type character varying(3), in which table "by_code" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.assign('by_domain', 1, '007');
-- => ERROR:  principal "007" cannot be cast to type big of owner column "owner_id"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.share('by_domain', 1, '099'), relmeta.share('by_code', 1, '007');
-- => 1|1
SELECT relmeta.has_access('by_domain', 1, 'read', '007'), relmeta.principal_access('by_code', 1, '007');
-- => t|{read}
SELECT relmeta.has_access('by_code', 1, 'read', 'at_ann');
-- => ERROR:  principal "at_ann" is no value of type character varying(3), in which table "by_code" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.principal_access('by_number', 1, 'at_ann');
-- => ERROR:  principal "at_ann" is no value of type bigint, in which table "by_number" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT * FROM relmeta.explain_access('by_number', 1, 'at_ann');
-- => ERROR:  principal "at_ann" is no value of type bigint, in which table "by_number" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT * FROM relmeta.shared_with('at_ann', 'by_number');
-- => ERROR:  principal "at_ann" is no value of type bigint, in which table "by_number" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT * FROM relmeta.shared_with('at_ann');
-- => none
SELECT * FROM relmeta.shared_with('007') WHERE relation IN ('by_domain'::regclass, 'by_code'::regclass);
-- => by_code|1|{read}|{}|
-- => by_domain|1|{read}|{}|099
-- what it inherits from a wider column goes with it
CREATE TABLE by_name (id int PRIMARY KEY, owner_id varchar(20));
SELECT relmeta.register_table('by_name', 'owner_id');
SELECT relmeta.create_one_to_many('by_name', 'by_code', 'name_id', 'at_name', preset => 'parental');
-- => at_name
INSERT INTO by_name VALUES (1, '20');
UPDATE by_code SET name_id = 1;
SELECT relmeta.share('by_name', 1, 'at_ann');
-- => 2
-- entries that get another type are read as what they are now, in the same transaction too
CREATE TABLE no_owner (id int PRIMARY KEY, number_id bigint);
SELECT relmeta.register_table('no_owner');
SELECT relmeta.create_one_to_many('by_number', 'no_owner', 'number_id', 'at_no_owner', preset => 'referential');
-- => at_no_owner
BEGIN;
INSERT INTO no_owner VALUES (1, 1);
SELECT relmeta.share('no_owner', 1, '20');
-- => 1
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'no_owner'::regclass;
-- => 1|20
SELECT relmeta.update_relationship('at_no_owner', share => 'all');
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'no_owner'::regclass;
-- => 1|20
SELECT relmeta.share('by_number', 1, '099', '{write}'), relmeta.unshare('no_owner', 1, '20');
-- => 2|1
SELECT principal, direct, inherited FROM relmeta.shared_principals('no_owner', 1);
-- => 099|{}|{write}
COMMIT;

-- a link of an adopted table is shown to who may read its ends, whatever the types of its columns
CREATE TABLE thing (id int PRIMARY KEY, owner_id bigint);
CREATE TABLE label (id name PRIMARY KEY, owner_id bigint);
CREATE TABLE labelled (thing_id bigint REFERENCES thing, label_id text REFERENCES label, PRIMARY KEY (thing_id, label_id));
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{thing,label}'::regclass[]) AS t;
SELECT relmeta.adopt_many_to_many('labelled');
INSERT INTO thing VALUES (1, 7), (2, 20), (3, 7);
INSERT INTO label VALUES ('red', 7), ('blue', 20);
INSERT INTO labelled VALUES (1, 'red'), (1, 'blue'), (2, 'red');
SELECT relmeta.enable_access_control('thing'), relmeta.enable_access_control('label');
GRANT SELECT, INSERT, DELETE ON thing, label, labelled TO regress_at_seven;
SET SESSION AUTHORIZATION regress_at_seven;
SELECT * FROM at.labelled;
-- => 1|red
INSERT INTO at.labelled VALUES (3, 'red');
SELECT relmeta.associate('labelled', 2, 'red');
-- => ERROR:  principal "007" does not hold the right append on the row of table "thing" that is to be linked
SELECT relmeta.associate('labelled', 5000000000, 'red');
-- => ERROR:  principal "007" does not hold the right append on the row of table "thing" that is to be linked
SELECT relmeta.associated('labelled', 3, 1);
-- => red
SELECT relmeta.disassociate('labelled', 3, 'red');
-- => 1

RESET SESSION AUTHORIZATION;
SELECT relmeta.drop_principal('at_ann');
SELECT * FROM relmeta.principal_object_access WHERE principal = 'at_ann';
-- => none

SET client_min_messages = warning;
DROP SCHEMA at CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{007,099,20,AAAAAAAA-0000-4000-8000-00000000000A}'::text[]) AS p;
DROP ROLE regress_at_owner, regress_at_seven, regress_at_uuid;
