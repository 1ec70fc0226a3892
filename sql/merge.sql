-- merge: one row takes another's place.  SEMANTICS 2.7 and 3.6.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_merge;
CREATE SCHEMA "Mer ge" AUTHORIZATION regress_merge;
SET ROLE regress_merge;
SET search_path = '';
RESET ROLE;
SELECT relmeta.create_user(u) FROM unnest('{ann,bob,cid,dan,eve}'::text[]) u;
SET ROLE regress_merge;
CREATE TABLE "Mer ge"."Acc""t" ("I d" int PRIMARY KEY, owner text, "st ate" int DEFAULT 0, parent int, name text,
  phone text, tax_no text UNIQUE, up text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE "Mer ge".contact (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner text, account int, note text);
CREATE TABLE "Mer ge".card (id bigint PRIMARY KEY, account int UNIQUE);
CREATE TABLE "Mer ge".tag (label text PRIMARY KEY);
SELECT relmeta.register_table('"Mer ge"."Acc""t"', 'owner', 'st ate');
SELECT relmeta.register_table('"Mer ge".contact', 'owner');
SELECT relmeta.create_one_to_many('"Mer ge"."Acc""t"', '"Mer ge"."Acc""t"', 'parent', 'parent of', is_hierarchical => true);
-- => parent of
SELECT relmeta.create_one_to_many('"Mer ge"."Acc""t"', '"Mer ge".contact', 'account', 'contacts', 'parental');
-- => contacts
SELECT relmeta.create_one_to_many('"Mer ge"."Acc""t"', '"Mer ge".card', 'account', 'its card');
-- => its card
SELECT relmeta.create_many_to_many('"Mer ge"."Acc""t"', '"Mer ge".tag', 'tags', '"Mer ge".account_tag', attributes => 'w int');
-- => tags
INSERT INTO "Mer ge"."Acc""t" VALUES (1, 'ann', 0, NULL, 'One', NULL, 'a'), (2, 'bob', 0, NULL, 'Two', '22', 'b'),
  (3, 'ann', 0, 1, 'Three', NULL, NULL), (4, 'ann', 0, 3, 'Four', NULL, NULL), (5, NULL, 1, NULL, 'Five', NULL, NULL),
  (6, 'cid', 0, NULL, 'Six', NULL, NULL);
INSERT INTO "Mer ge".contact (owner, account, note)
  SELECT 'ann', a, a || '-' || i FROM generate_series(1, 2) a, generate_series(1, 3) i;
INSERT INTO "Mer ge".card VALUES (21, 2);
INSERT INTO "Mer ge".tag VALUES ('red'), ('green'), ('blue');
INSERT INTO "Mer ge".account_tag VALUES (1, 'red', 1), (2, 'red', 2), (2, 'green', 3);

-- what is refused: nothing of it stays
SELECT * FROM relmeta.merge('"Mer ge".tag', 'red', 'blue');
-- => ERROR:  42704
SELECT * FROM relmeta.merge('"Mer ge".contact', gen_random_uuid(), gen_random_uuid());
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', NULL::int, 2);
-- => ERROR:  22004
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 'x', 2);
-- => ERROR:  22P02
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 1::bigint);
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 99);
-- => ERROR:  P0002
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 5);
-- => ERROR:  55000
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 5, '1');
-- => ERROR:  55000
-- the master stands below the subordinate
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 4, 1);
-- => ERROR:  55000
-- "42703 an unknown column, 428C9 a generated one, 22023 the key"
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '[]');
-- => ERROR:  22023
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '{"I d": 7}');
-- => ERROR:  22023
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '{"nothing": 7}');
-- => ERROR:  42703
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '{"xmin": 7}');
-- => ERROR:  42703
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '{"up": "X"}');
-- => ERROR:  428C9
-- perform_parenting_checks: contacts is parental for contact; accounts have a parental relationship to themselves from here on
SELECT relmeta.update_relationship('parent of', assign => 'all', reparent => 'all');
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 6, 4, perform_parenting_checks => true);
-- => ERROR:  55000
SELECT relmeta.update_relationship('parent of', assign => 'none', reparent => 'none', revoke_inherited => false);
-- "A unique lookup that both sides use is 23505 naming the relationship, and nothing has happened."
INSERT INTO "Mer ge".card VALUES (11, 1);
\set VERBOSITY default
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2);
\set VERBOSITY sqlstate
DELETE FROM "Mer ge".card WHERE id = 11;
SELECT count(*) FROM relmeta.merges;
-- => 0
SELECT account, count(*) FROM "Mer ge".contact GROUP BY 1 ORDER BY 1;
-- => 1|3, 2|3
-- an update_content that is refused takes all that was done along
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '{"parent": 1}');
-- => ERROR:  23514
SELECT account, count(*) FROM "Mer ge".contact GROUP BY 1 ORDER BY 1;
-- => 1|3, 2|3

-- direct rights of the subordinate's sharees are added on the master: its owner is skipped, the subordinate's gains nothing
SELECT relmeta.share('"Mer ge"."Acc""t"', 2, 'cid', '{read,write}');
SELECT relmeta.share('"Mer ge"."Acc""t"', 2, 'ann', '{read}');
SELECT relmeta.share('"Mer ge"."Acc""t"', 1, 'cid', '{read}');
SELECT relmeta.share('"Mer ge"."Acc""t"', 1, 'dan', '{delete}');
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 1, 2, '{"name": "First", "tax_no": null}', fill_empty => true) ORDER BY 1;
-- => contacts|3|0, its card|1|0, tags|1|1
SELECT "I d", owner, "st ate", name, phone, tax_no, up FROM "Mer ge"."Acc""t" WHERE "I d" < 3 ORDER BY 1;
-- => 1|ann|0|First|22||FIRST, 2|bob|1|Two|22|b|TWO
SELECT principal, direct FROM relmeta.shared_principals('"Mer ge"."Acc""t"', 1) ORDER BY 1;
-- => cid|{read,write}, dan|{delete}
-- "s becomes inactive ... and keeps its grants"
SELECT principal, direct FROM relmeta.shared_principals('"Mer ge"."Acc""t"', 2) ORDER BY 1;
-- => ann|{read}, cid|{read,write}
-- a link that the master has stays with its attributes
SELECT * FROM "Mer ge".account_tag ORDER BY 1, 2;
-- => 1|green|3, 1|red|1
SELECT account, count(*) FROM "Mer ge".contact GROUP BY 1;
-- => 1|6
-- "s's related rows are repointed to m (a reparent": the master's owner holds them, whoever is not their owner
SELECT relmeta.has_access('"Mer ge".contact', id, 'write', 'cid') FROM "Mer ge".contact WHERE note = '2-1';
-- => t
-- "Refused (55000): ... either inactive": it cannot be merged again
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 6, 2);
-- => ERROR:  55000

-- "the master that it ended in, through any number of merges" (2.7), "merged_into is NULL for a row that was never merged, is not there"; relmeta.merges
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', '6', '1');
-- => parent of|1|0, contacts|6|0, its card|1|0, tags|2|0: in the order of their making
SELECT relmeta.merged_into('"Mer ge"."Acc""t"', 2), relmeta.merged_into('"Mer ge"."Acc""t"', '1'),
  relmeta.merged_into('"Mer ge"."Acc""t"', 6), relmeta.merged_into('"Mer ge"."Acc""t"', 99);
-- => 6|6||
SELECT relation, master, subordinate, merged_by FROM relmeta.merges ORDER BY merged_at, subordinate;
-- => "Mer ge"."Acc""t"|1|2|regress_merge, "Mer ge"."Acc""t"|6|1|regress_merge
-- merges go with either row
DELETE FROM "Mer ge"."Acc""t" WHERE "I d" = 1;
SELECT relmeta.merged_into('"Mer ge"."Acc""t"', 2) IS NULL, count(*) FROM relmeta.merges;
-- => t|0
SELECT count(*) FROM relmeta.merge('"Mer ge"."Acc""t"', 3, 4);
-- => 0
DELETE FROM "Mer ge"."Acc""t" WHERE "I d" = 4;
SELECT count(*) FROM relmeta.merges;
-- => 0
-- a row that was made active again: the last merge counts, and a circle is none
UPDATE "Mer ge"."Acc""t" SET "st ate" = 0 WHERE "I d" = 2;
SELECT * FROM relmeta.merge('"Mer ge"."Acc""t"', 6, 2);
-- => none
UPDATE "Mer ge"."Acc""t" SET "st ate" = 0 WHERE "I d" = 2;
SELECT count(*) FROM relmeta.merge('"Mer ge"."Acc""t"', 2, 6);
-- => 4
SELECT relmeta.merged_into('"Mer ge"."Acc""t"', 2) IS NULL, relmeta.merged_into('"Mer ge"."Acc""t"', 6);
-- => t|2

-- merges follow changed keys: of timestamps, whose text depends on settings
CREATE TABLE "Mer ge".happened (at timestamptz PRIMARY KEY, done boolean NOT NULL DEFAULT true);
SELECT relmeta.register_table('"Mer ge".happened', state_column => 'done');
INSERT INTO "Mer ge".happened SELECT '2020-01-01 00:00+00'::timestamptz + i * interval '1 day' FROM generate_series(1, 4) i;
SET timezone = 'UTC';
SET datestyle = 'German';
SELECT count(*) FROM relmeta.merge('"Mer ge".happened', timestamptz '2020-01-02 00:00+00', timestamptz '2020-01-03 00:00+00');
-- => 0
SELECT count(*) FROM relmeta.merge('"Mer ge".happened', timestamptz '2020-01-04 00:00+00', timestamptz '2020-01-02 00:00+00');
-- => 0
SET datestyle = 'ISO';
SET timezone = 'Asia/Tokyo';
SELECT relmeta.merged_into('"Mer ge".happened', timestamptz '2020-01-03 00:00+00');
-- => 2020-01-04 09:00:00+09
UPDATE "Mer ge".happened SET at = at - interval '1 hour';
SELECT master, subordinate FROM relmeta.merges WHERE relation = '"Mer ge".happened'::regclass ORDER BY 1;
-- => 2020-01-02 08:00:00+09|2020-01-03 08:00:00+09, 2020-01-04 08:00:00+09|2020-01-02 08:00:00+09
TRUNCATE "Mer ge".happened;
SELECT count(*) FROM relmeta.merges WHERE relation = '"Mer ge".happened'::regclass;
-- => 0

-- what is declared goes with the registration
SELECT relmeta.drop_relationship(name) FROM relmeta.one_to_many WHERE primary_table = '"Mer ge"."Acc""t"'::regclass;
SELECT relmeta.unregister_table('"Mer ge"."Acc""t"');
DROP TABLE "Mer ge".happened;
RESET ROLE;
SELECT count(*) FROM relmeta.merge;
-- => 0
SET client_min_messages = error;
DROP SCHEMA "Mer ge" CASCADE;
SELECT relmeta.drop_principal(u) FROM unnest('{ann,bob,cid,dan,eve}'::text[]) u;
DROP ROLE regress_merge;
