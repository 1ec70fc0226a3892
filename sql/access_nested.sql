-- What a statement of a user's trigger changes while the statement that fired it goes on: rows end with what
-- they are stored with then (SEMANTICS 3.0).
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
\set SHOW_CONTEXT never
CREATE ROLE regress_nested_owner;
CREATE SCHEMA nested AUTHORIZATION regress_nested_owner;
SELECT count(relmeta.create_user(u)) FROM unnest(ARRAY['ne_ann', 'ne_bob', 'ne_cat', 'ne_dan']) AS u;
-- => 4
SET SESSION AUTHORIZATION regress_nested_owner;
SET search_path = nested;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest(ARRAY['account', 'contact']::regclass[]) AS t;
-- => 2
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', assign => 'none', name => 'nested');
-- => nested
INSERT INTO account VALUES (1, 'ne_ann'), (2, 'ne_bob'), (3, 'ne_ann');
SELECT relmeta.share('account', 1, 'ne_cat'), relmeta.share('account', 3, 'ne_cat', '{write}');
-- => 1|1
CREATE VIEW held AS
SELECT object_key::int AS contact, principal, inherited_access_rights_mask AS inherited
FROM relmeta.principal_object_access WHERE relation = 'contact'::regclass ORDER BY 1, 2;

--
-- An inserted row is moved, to where another one is inserted
--
CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE nested.contact SET account_id = 3 WHERE id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER move AFTER INSERT ON contact FOR EACH ROW WHEN (NEW.account_id = 1) EXECUTE FUNCTION move();
INSERT INTO contact VALUES (10, 'ne_ann', 1), (11, 'ne_ann', 3);
TABLE held;
-- => 10|ne_cat|2
-- => 11|ne_cat|2
-- and back again
CREATE FUNCTION move_back() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE nested.contact SET account_id = 1 WHERE id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER move_back AFTER INSERT ON contact FOR EACH ROW WHEN (NEW.account_id = 1) EXECUTE FUNCTION move_back();
INSERT INTO contact VALUES (12, 'ne_ann', 1);
SELECT * FROM held WHERE contact = 12;
-- => 12|ne_cat|1
DROP TRIGGER move ON contact;
DROP TRIGGER move_back ON contact;

--
-- An inserted row's primary row is assigned
--
CREATE FUNCTION assign() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE nested.account SET owner = 'ne_dan' WHERE id = NEW.account_id; RETURN NULL; END $$;
CREATE TRIGGER assign AFTER INSERT ON contact FOR EACH ROW EXECUTE FUNCTION assign();
INSERT INTO contact VALUES (13, 'ne_ann', 3);
SELECT * FROM held WHERE contact = 13;
-- => 13|ne_cat|2
-- => 13|ne_dan|851991
DROP TRIGGER assign ON contact;

--
-- A row that moves is moved once more
--
CREATE TRIGGER move AFTER UPDATE ON contact FOR EACH ROW WHEN (NEW.account_id = 2) EXECUTE FUNCTION move();
UPDATE contact SET account_id = 2 WHERE id = 12;
SELECT account_id FROM contact WHERE id = 12;
-- => 3
SELECT * FROM held WHERE contact = 12;
-- => 12|ne_cat|2
-- => 12|ne_dan|851991
DROP TRIGGER move ON contact;

--
-- A row that is assigned is assigned once more: who owned it for a moment only holds nothing below it
--
INSERT INTO contact VALUES (14, 'ne_ann', 1);
CREATE FUNCTION assign_on() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE nested.account SET owner = TG_ARGV[0] WHERE id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER assign_on AFTER UPDATE ON account FOR EACH ROW WHEN (NEW.owner = 'ne_bob') EXECUTE FUNCTION assign_on('ne_dan');
UPDATE account SET owner = 'ne_bob' WHERE id = 1;
SELECT owner FROM account WHERE id = 1;
-- => ne_dan
SELECT * FROM held WHERE contact = 14;
-- => 14|ne_cat|1
-- => 14|ne_dan|851991
-- back to whom it belonged: he keeps what he holds
UPDATE account SET owner = 'ne_bob' WHERE id = 1;
SELECT * FROM held WHERE contact = 14;
-- => 14|ne_cat|1
-- => 14|ne_dan|851991
-- the owners of related rows follow the last
SELECT relmeta.update_relationship('nested', assign => 'all');
UPDATE account SET owner = 'ne_bob' WHERE id = 1;
SELECT owner FROM contact WHERE id = 14;
-- => ne_dan
SELECT * FROM held WHERE contact = 14;
-- => 14|ne_cat|1
-- => 14|ne_dan|851991

--
-- A row whose key has changed gets another one, or is deleted: nothing is left for who comes after it
--
SELECT relmeta.share('contact', 10, 'ne_bob'), relmeta.share('contact', 11, 'ne_bob'), relmeta.share('contact', 12, 'ne_bob');
-- => 1|1|1
CREATE FUNCTION rekey() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE nested.contact SET id = id + 10 WHERE id = NEW.id; RETURN NULL; END $$;
CREATE FUNCTION remove() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN DELETE FROM nested.contact WHERE id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER a_rekey AFTER UPDATE ON contact FOR EACH ROW WHEN (NEW.id = 110) EXECUTE FUNCTION rekey();
CREATE TRIGGER a_remove AFTER UPDATE ON contact FOR EACH ROW WHEN (NEW.id = 111) EXECUTE FUNCTION remove();
CREATE TRIGGER z_remove AFTER UPDATE ON contact FOR EACH ROW WHEN (NEW.id = 112) EXECUTE FUNCTION remove();
UPDATE contact SET id = id + 100 WHERE id < 13;
SELECT id FROM contact ORDER BY id;
-- => 13
-- => 14
-- => 120
INSERT INTO contact VALUES (110, 'ne_ann', NULL), (111, 'ne_ann', NULL), (112, 'ne_ann', NULL);
SELECT object_key, principal, access_rights_mask FROM relmeta.principal_object_access
WHERE relation = 'contact'::regclass AND object_key::int BETWEEN 110 AND 112;
-- => none

RESET SESSION AUTHORIZATION;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA nested CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest(ARRAY['ne_ann', 'ne_bob', 'ne_cat', 'ne_dan']) AS u;
-- => 4
DROP ROLE regress_nested_owner;
