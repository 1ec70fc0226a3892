-- merge: the sentences of SEMANTICS 3.6 one by one, those that merge, merge_links and merge_access leave.  Keys of uuid in a
-- partitioned table of odd names, an empty search_path, an ordinary role.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_mr;
CREATE ROLE regress_mr_bob;
CREATE SCHEMA "M r" AUTHORIZATION regress_mr;
GRANT USAGE ON SCHEMA "M r" TO PUBLIC;
SELECT relmeta.create_user(u) FROM unnest('{mr_ann,mr_cid,mr_dan,mr_eve}'::text[]) u;
SELECT relmeta.create_user('mr_bob', 'regress_mr_bob');
SET SESSION AUTHORIZATION regress_mr;
SET search_path = '';
CREATE TABLE "M r".firm (id int PRIMARY KEY);
CREATE TABLE "M r".office (id int PRIMARY KEY, owner text);
CREATE TABLE "M r"."Par ty" ("I d" uuid PRIMARY KEY, owner text, "st ate" text, "bo ss" uuid, lead uuid, "no $1" text, code text, firm int, place int, place_type text,
  UNIQUE ("I d", code)) PARTITION BY HASH ("I d");
CREATE TABLE "M r".party_0 PARTITION OF "M r"."Par ty" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE "M r".party_1 (gone int, place_type text, place int, firm int, code text, "no $1" text, lead uuid, "bo ss" uuid, "st ate" text, owner text, "I d" uuid NOT NULL);
ALTER TABLE "M r".party_1 DROP COLUMN gone;
ALTER TABLE "M r"."Par ty" ATTACH PARTITION "M r".party_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE "M r"."li ne" ("k 1" bigint PRIMARY KEY, owner text, "par ty" uuid, "se cond" uuid);
CREATE FUNCTION "M r".key(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('00000000-0000-0000-0000-00000000000' || n)::pg_catalog.uuid $$;
CREATE VIEW "M r".p AS SELECT pg_catalog.right("I d"::text, 1) AS n, owner, "st ate", pg_catalog.right("bo ss"::text, 1) AS boss, pg_catalog.right(lead::text, 1) AS lead,
  "no $1" AS no, code, firm, place_type || place AS place FROM "M r"."Par ty";
SELECT relmeta.register_table('"M r".office', 'owner'), relmeta.register_table('"M r"."li ne"', 'owner'), relmeta.register_table('"M r"."Par ty"', 'owner', 'st ate', '{open,parked}');
SELECT relmeta.create_one_to_many('"M r"."Par ty"', '"M r"."Par ty"', 'bo ss', 'has boss');
SELECT relmeta.create_one_to_many('"M r"."Par ty"', '"M r"."Par ty"', 'lead', 'is led', reparent => 'all');
SELECT relmeta.create_one_to_many('"M r".firm', '"M r"."Par ty"', 'firm', 'of firm');
SELECT relmeta.create_multi_table_lookup('"M r"."Par ty"', 'place', '{"\"M r\".firm","\"M r\".office"}', 'place_type', names => '{at firm,at office}');
SELECT relmeta.create_one_to_many('"M r"."Par ty"', '"M r"."li ne"', 'par ty', 'li''nes', share => 'all');
SELECT relmeta.create_one_to_many('"M r"."Par ty"', '"M r"."li ne"', 'se cond', 'stays', merge => 'none');
INSERT INTO "M r".firm VALUES (1), (2);
INSERT INTO "M r".office VALUES (1, NULL);
INSERT INTO "M r"."Par ty" ("I d", owner, "st ate") SELECT "M r".key(i), 'mr_ann', 'open' FROM generate_series(1, 9) AS i;

-- "Refused (55000): ... no state column or inactive_state"
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(1), "M r".key(2));
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"M r".office', 1, 2);
-- => ERROR:  55000
SELECT relmeta.register_table('"M r"."Par ty"', inactive_state => 'gone');
-- "either inactive": a NULL state is not active
UPDATE "M r"."Par ty" SET "st ate" = NULL WHERE "I d" = "M r".key(9);
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(1), "M r".key(9));
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(9)::text, "M r".key(1)::text);
-- => ERROR:  55000
-- "m = s": keys that are equal, however they are written
SELECT * FROM relmeta.merge('"M r"."Par ty"', '{00000000-0000-0000-0000-000000000001}', '00000000000000000000000000000001');
-- => ERROR:  55000
-- "m below s in a self-referencing relationship that is hierarchical or parental": by two levels
UPDATE "M r"."Par ty" SET lead = "M r".key(2) WHERE "I d" = "M r".key(3);
UPDATE "M r"."Par ty" SET lead = "M r".key(3) WHERE "I d" = "M r".key(4);
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(4), "M r".key(2));
-- => ERROR:  55000
-- "in another one a lookup of m that points to s is cleared"; what else points to s follows
UPDATE "M r"."Par ty" SET "bo ss" = "M r".key(6) WHERE "I d" IN ("M r".key(5), "M r".key(7));
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(5), "M r".key(6));
-- => has boss|1|1
SELECT n, boss, "st ate" FROM "M r".p WHERE n IN ('5', '6', '7') ORDER BY n;
-- => 5||open, 6||gone, 7|5|open
-- "and with perform_parenting_checks different lookups of the parental relationships (NULL differs from a key)"
UPDATE "M r"."Par ty" SET lead = "M r".key(1) WHERE "I d" IN ("M r".key(7), "M r".key(8));
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(7), "M r".key(3), perform_parenting_checks => true);
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(7), "M r".key(5), perform_parenting_checks => true);
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(8), "M r".key(7), perform_parenting_checks => true);
-- => none
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(8), "M r".key(3));
-- => is led|1|0

-- "direct rights of s's sharees are added on m (m's owner is skipped; s's owner gains nothing": not those that s has inherited, nor what
-- lies dormant; they go on down as a share
UPDATE "M r"."Par ty" SET owner = 'mr_dan', lead = NULL WHERE "I d" = "M r".key(1);
UPDATE "M r"."Par ty" SET lead = "M r".key(1) WHERE "I d" = "M r".key(2);
INSERT INTO "M r"."li ne" VALUES (11, 'mr_ann', "M r".key(4), NULL), (12, 'mr_ann', "M r".key(2), "M r".key(2)), (13, 'mr_ann', NULL, "M r".key(2));
SELECT relmeta.share('"M r"."Par ty"', "M r".key(2), 'mr_cid', '{read}'), relmeta.share('"M r"."Par ty"', "M r".key(2), 'mr_eve', '{read,write}');
-- => 2|2
SELECT relmeta.assign('"M r"."Par ty"', "M r".key(4), 'mr_eve'), relmeta.assign('"M r"."Par ty"', "M r".key(2), 'mr_cid');
-- => 1|1
SELECT principal, direct, inherited FROM relmeta.shared_principals('"M r"."Par ty"', "M r".key(2)) ORDER BY 1;
-- => mr_cid|{read}|{}, mr_dan|{}|{read,write,append,append_to,delete,share,assign}, mr_eve|{read,write}|{}
-- a refused one leaves nothing of it
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(4), "M r".key(2), '{"no $1": "x", "place": 1}');
-- => ERROR:  23514
SELECT count(*) FROM relmeta.shared_principals('"M r"."Par ty"', "M r".key(4)), relmeta.merges WHERE subordinate = "M r".key(2)::text;
-- => 0
SELECT relmeta.share('"M r"."Par ty"', "M r".key(2), 'mr_bob', '{read,append}');
-- => 2
-- "for each relationship with merge = all, s's related rows are repointed to m"; the other one stays
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(4), "M r".key(2));
-- => is led|1|0, li'nes|1|0
SELECT principal, direct FROM relmeta.shared_principals('"M r"."Par ty"', "M r".key(4)) WHERE direct <> '{}' ORDER BY 1;
-- => mr_bob|{read,append}
SELECT "k 1", pg_catalog.right("par ty"::text, 1), pg_catalog.right("se cond"::text, 1) FROM "M r"."li ne" ORDER BY 1;
-- => 11|4|, 12|4|2, 13||2
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = '"M r"."li ne"'::regclass ORDER BY 1, 2;
-- => 11|mr_bob

-- "update_content is an UPDATE of m by the caller (null sets NULL ...), and with fill_empty columns of m that are NULL and not named there
-- take s's values (never key, owner, state, columns of a unique index, lookups to the table itself)"
DELETE FROM "M r"."Par ty" WHERE "st ate" = 'gone';
INSERT INTO "M r"."Par ty" VALUES ("M r".key(2), NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ("M r".key(3), 'mr_bob', 'parked', "M r".key(1), "M r".key(1), 'no 3', 'c3', 1, 1, 'office');
SELECT count(*) FROM relmeta.merge('"M r"."Par ty"', "M r".key(2), "M r".key(3), fill_empty => true);
-- => 0
SELECT * FROM "M r".p WHERE n = '2';
-- => 2||open|||no 3||1|office1
INSERT INTO "M r"."Par ty" VALUES ("M r".key(6), 'mr_bob', 'open', NULL, NULL, 'no 6', 'c6', 2, 1, 'firm');
UPDATE "M r"."Par ty" SET "no $1" = NULL, firm = NULL, place = NULL, place_type = NULL WHERE "I d" = "M r".key(2);
SELECT count(*) FROM relmeta.merge('"M r"."Par ty"', "M r".key(2), "M r".key(6), '{"no $1": null, "code": "c2", "place": null}', fill_empty => true);
-- => 0
SELECT * FROM "M r".p WHERE n = '2';
-- => 2||open||||c2|2|
-- nothing that is NULL is filled without it
UPDATE "M r"."Par ty" SET firm = NULL WHERE "I d" = "M r".key(2);
UPDATE "M r"."Par ty" SET "st ate" = 'open' WHERE "I d" = "M r".key(6);
SELECT count(*) FROM relmeta.merge('"M r"."Par ty"', "M r".key(2), "M r".key(6), '{"owner": "mr_ann", "lead": "00000000-0000-0000-0000-000000000001"}');
-- => 0
SELECT * FROM "M r".p WHERE n IN ('2', '6') ORDER BY n;
-- => 2|mr_ann|open||1||c2||, 6|mr_bob|gone|||no 6|c6|2|firm1

-- "done as the related table's owner", "s becomes inactive (as the table's owner)": who merges needs UPDATE on the table alone, on some
-- column of it; the rows that follow are not his
DELETE FROM "M r"."Par ty" WHERE "st ate" = 'gone';
GRANT SELECT, UPDATE ("no $1") ON "M r"."Par ty" TO regress_mr_bob;
INSERT INTO "M r"."Par ty" VALUES ("M r".key(3), 'mr_bob', 'open'), ("M r".key(7), 'mr_bob', 'open');
INSERT INTO "M r"."li ne" VALUES (31, 'mr_ann', "M r".key(7), NULL);
SELECT relmeta.enable_access_control('"M r"."Par ty"'), relmeta.enable_access_control('"M r"."li ne"');
SET SESSION AUTHORIZATION regress_mr_bob;
SELECT * FROM relmeta.merge('"M r"."Par ty"', "M r".key(3), "M r".key(7), '{"no $1": "his"}');
-- => li'nes|1|0
SELECT "I d" = "M r".key(3), "st ate", "no $1" FROM "M r"."Par ty" WHERE "I d" IN ("M r".key(3), "M r".key(7)) ORDER BY "I d";
-- => t|open|his, f|gone|
SELECT count(*) FROM "M r"."li ne";
-- => ERROR:  42501
SELECT relmeta.merged_into('"M r"."Par ty"', "M r".key(7));
-- => 00000000-0000-0000-0000-000000000003
-- "merged_into is NULL for a row that was never merged, is not there, or whose master is gone or hidden": gone, hidden in merge_access
RESET SESSION AUTHORIZATION;
DELETE FROM "M r"."Par ty" WHERE "I d" = "M r".key(3);
SELECT relmeta.merged_into('"M r"."Par ty"', "M r".key(7)) IS NULL, count(*) FROM relmeta.merges WHERE subordinate = "M r".key(7)::text;
-- => t|0
SET client_min_messages = error;
DROP SCHEMA "M r" CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{mr_ann,mr_bob,mr_cid,mr_dan,mr_eve}'::text[]) u;
-- => 5
DROP ROLE regress_mr, regress_mr_bob;
