-- owner_refused: a domain's constraint that is added NOT VALID, or a check that has changed, may refuse who owns rows and holds
-- grants already.  He has no access there meanwhile, and what he has is counted, moved and taken away as ever (SEMANTICS 2.1, 2.2).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_or_owner;
CREATE ROLE regress_or_ann;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{or_bob,or_cat,or_dan,0700}'::text[]) AS u; END $$;
SELECT relmeta.create_user('or_ann', 'regress_or_ann');
GRANT EXECUTE ON FUNCTION relmeta.reassign_owned, relmeta.drop_principal, relmeta.create_user TO regress_or_owner;
CREATE SCHEMA owner_refused AUTHORIZATION regress_or_owner;
GRANT USAGE ON SCHEMA owner_refused TO regress_or_ann;
SET ROLE regress_or_owner;
SET search_path = owner_refused;

CREATE DOMAIN who AS text;
CREATE TABLE account (id int PRIMARY KEY, owner who);
CREATE TABLE note (id int PRIMARY KEY, owner who, account_id int);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('note', 'owner');
SELECT relmeta.create_one_to_many('account', 'note', 'account_id', preset => 'parental');
SELECT relmeta.enable_access_control('account');
GRANT SELECT ON account TO regress_or_ann;
INSERT INTO account VALUES (1, 'or_ann'), (2, 'or_bob'), (3, 'or_dan');
INSERT INTO note VALUES (11, 'or_ann', 1), (12, 'or_bob', 2);
SELECT relmeta.share('account', 2, 'or_ann', '{read,write}');
-- => 2
ALTER DOMAIN who ADD CONSTRAINT gone CHECK (VALUE NOT IN ('or_ann', 'or_dan')) NOT VALID;

-- no access: what a statement shows and what the functions say is the same
SET ROLE regress_or_ann;
SELECT count(*) FROM owner_refused.account;
-- => 0
SELECT relmeta.has_access('owner_refused.account', 1, 'read'), relmeta.has_access('owner_refused.account', 2, 'read');
-- => f|f
SET ROLE regress_or_owner;
SELECT relmeta.share('account', 2, 'or_dan');
-- => ERROR:  22023
SELECT relmeta.assign('account', 2, 'or_dan');
-- => ERROR:  22023
-- but told
SELECT object, problem, repair FROM relmeta.verify() WHERE relation = 'note'::regclass;
-- => owner or_ann
SELECT object, regexp_replace(problem, 'or_(ann|dan)', 'or_...'), regexp_replace(repair, 'or_(ann|dan)', 'or_...') FROM relmeta.verify() WHERE relation = 'account'::regclass;
-- => one of the two, and one more

-- what he has stays his until it is taken away
SELECT relmeta.drop_principal('or_ann');
-- => ERROR:  2BP01
SELECT relmeta.drop_principal('or_dan');
-- => ERROR:  2BP01
SELECT principal, direct FROM relmeta.shared_principals('account', 2);
-- => or_ann|{read,write}
SELECT relmeta.modify_share('account', 2, 'or_ann', '{read,share}');
-- => ERROR:  22023
SELECT relmeta.modify_share('account', 2, 'or_ann', '{read}'), relmeta.modify_share('account', 2, 'or_ann', '{read}');
-- => 2|0
SELECT relmeta.unshare('account', 2, 'or_ann'), relmeta.unshare('account', 2, 'or_ann'), relmeta.unshare_many('account', '{2}', '{or_dan}');
-- => 2|0|0
SELECT count(*) FROM relmeta.shared_principals('account', 2);
-- => 0

-- to whom it refuses nothing goes
SELECT relmeta.reassign_owned('or_ann', 'or_dan');
-- => WARNING:  22023
-- => WARNING:  22023
-- => 0
SELECT relmeta.reassign_owned('or_ann', 'or_cat'), relmeta.reassign_owned('or_dan', 'or_cat');
-- => 2|1
SELECT id, owner FROM account UNION ALL SELECT id, owner FROM note ORDER BY 1;
-- => 1:or_cat, 2:or_bob, 3:or_cat, 11:or_cat, 12:or_bob
SELECT count(*) FROM relmeta.verify() WHERE relation IN ('account'::regclass, 'note'::regclass);
-- => 0
SELECT relmeta.drop_principal('or_dan');

-- whoever comes under the name owns nothing
SELECT relmeta.create_user('or_dan');
ALTER DOMAIN who DROP CONSTRAINT gone;
SELECT count(*) FROM account WHERE owner = 'or_dan';
-- => 0

-- a check that changes, a domain of a domain, a name that is spelled otherwise than the value
CREATE FUNCTION takes(value int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('owner_refused.value', true) = 'all' THEN
    RAISE EXCEPTION 'none of these';
  END IF;
  RETURN value::text IS DISTINCT FROM current_setting('owner_refused.value', true);
END $$;
CREATE DOMAIN code AS int CHECK (owner_refused.takes(VALUE));
CREATE DOMAIN code_above AS code CHECK (VALUE > 0);
CREATE TABLE device (id int PRIMARY KEY, owner code_above);
SELECT relmeta.register_table('device', 'owner');
INSERT INTO device VALUES (1, 700);
SET owner_refused.value = '700';
SELECT relmeta.drop_principal('0700');
-- => ERROR:  2BP01
SELECT object, problem, repair FROM relmeta.verify() WHERE relation = 'device'::regclass;
-- => owner "0700" is refused
-- a check that raises an error refuses all
SET owner_refused.value = 'all';
SELECT relmeta.drop_principal('0700');
-- => ERROR:  2BP01
-- it is the same one
SELECT relmeta.drop_principal('700');
-- => ERROR:  2BP01
CREATE TABLE person (id text PRIMARY KEY);
RESET ROLE;
GRANT EXECUTE ON FUNCTION relmeta.register_principals TO regress_or_owner;
SET ROLE regress_or_owner;
SELECT relmeta.register_principals('person');
INSERT INTO person VALUES ('0800');
SET owner_refused.value = 'none';
UPDATE device SET owner = 800;
SET owner_refused.value = '800';
DELETE FROM person;
-- => ERROR:  2BP01
DELETE FROM device;
DELETE FROM person;
SELECT count(*) FROM relmeta.principals WHERE principal = '0800';
-- => 0
-- two names of one value stay one owner, whatever the check says of it
SELECT relmeta.create_user('700');
-- => ERROR:  23505
CREATE TABLE tariff (id int PRIMARY KEY, owner numeric);
SELECT relmeta.register_table('tariff', 'owner'), relmeta.unregister_table('tariff');
SELECT relmeta.create_user('710.50'), relmeta.create_user('710.5');
CREATE DOMAIN short AS numeric CHECK (scale(VALUE) = 1);
ALTER TABLE tariff ALTER owner TYPE short;
SELECT relmeta.register_table('tariff', 'owner');
-- => ERROR:  23505

RESET ROLE;
RESET search_path;
DROP SCHEMA owner_refused CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{or_ann,or_bob,or_cat,or_dan,0700,710.5,710.50}'::text[]) AS u;
-- => 7
DELETE FROM relmeta.principal_type WHERE type = 'numeric'::regtype;
REVOKE ALL ON FUNCTION relmeta.reassign_owned, relmeta.drop_principal, relmeta.create_user, relmeta.register_principals FROM regress_or_owner;
DROP ROLE regress_or_owner, regress_or_ann;
