-- feature_keys: each function that merges, rollups, hierarchies, connections, mappings, automations and lists bring (SEMANTICS 2.7), with
-- keys of each type, in plain and in partitioned tables of odd names, under an empty search_path: called by the tables' owner, and, where
-- the tables are controlled, by somebody who owns the rows.
-- A line says that a function has given what is expected with keys of a type, in plain and in partitioned tables, or what it gave instead.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE ROLE "regress_fk ""owner""";
CREATE ROLE "regress_fk o'bob";
SELECT relmeta.create_user('o''"bob', '"regress_fk o''bob"');
CREATE SCHEMA "Ev""il; --";
GRANT ALL ON SCHEMA "Ev""il; --" TO "regress_fk ""owner""";
GRANT USAGE ON SCHEMA "Ev""il; --" TO PUBLIC;
SET search_path = '';

--
-- The types: eight keys of each in ascending order, and the same in another spelling
--
CREATE COLLATION "Ev""il; --"."no case" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN "Ev""il; --"."num ber" AS int CHECK (VALUE > 0);
CREATE DOMAIN "Ev""il; --".money AS numeric(8, 2);
CREATE DOMAIN "Ev""il; --"."id" AS uuid;
CREATE DOMAIN "Ev""il; --"."wo""rd" AS text CHECK (VALUE <> '');
CREATE DOMAIN "Ev""il; --"."short $1" AS varchar(20);
CREATE TYPE "Ev""il; --"."co lour" AS ENUM ('re''d1', 're''d2', 're''d3', 're''d4', 're''d5', 're''d6', 're''d7', 're''d8');
-- where citext is not installed its namesake takes its place
SELECT pg_catalog.count(*) = 0 AS missing FROM pg_catalog.pg_available_extensions WHERE name = 'citext' \gset
\if :missing
CREATE DOMAIN "Ev""il; --".citext AS text COLLATE "Ev""il; --"."no case";
\else
CREATE EXTENSION citext SCHEMA "Ev""il; --";
\endif
CREATE TABLE "Ev""il; --".type (no int, type text, keys text[], other text[]);
INSERT INTO "Ev""il; --".type
SELECT no, type, pg_catalog.array_agg(pg_catalog.replace(key, '?', i::text) ORDER BY i), pg_catalog.array_agg(pg_catalog.replace(other, '?', i::text) ORDER BY i)
FROM (VALUES (1, 'smallint', '?', ' +?'), (2, 'integer', '10000?', ' 010000? '), (3, 'bigint', '922337203685477570?', '+922337203685477570?'),
  (4, 'numeric', '?.50', '?.5000'), (5, 'uuid', 'abcdefab-0000-0000-0000-00000000000?', '{ABCDEFAB-0000-0000-0000-00000000000?}'),
  (6, 'text', '?a ''b'' "c" \d', '?a ''b'' "c" \d'), (7, 'text COLLATE "Ev""il; --"."no case"', 'Key '' ?', 'kEY '' ?'), (8, 'varchar(20)', '? "a" ', '? "a" '),
  (9, 'char(10)', 'x?', 'x?  '), (10, '"Ev""il; --".citext', 'K\ey ?"', 'k\EY ?"'), (11, 'timestamptz', '2020-01-0? 12:00:00-08', '2020-01-0? 20:00+00'),
  (12, '"Ev""il; --"."co lour"', 're''d?', 're''d?'), (13, '"Ev""il; --"."num ber"', '?', '00?'), (14, '"Ev""il; --".money', '?.00', '?'),
  (15, '"Ev""il; --"."id"', '0000000?-0000-0000-0000-00000000abcd', '{0000000?-0000-0000-0000-00000000ABCD}'),
  (16, '"Ev""il; --"."wo""rd"', '?w $1', '?w $1'), (17, '"Ev""il; --"."short $1"', '?''', '?''')) AS v(no, type, key, other), pg_catalog.generate_series(1, 8) AS i
GROUP BY no, type;

--
-- The tables, and what is in them: T is a tree, 3 below 2 below 1; R is related to it, D to R, N to one of both
--
CREATE TABLE "Ev""il; --".log (no int GENERATED ALWAYS AS IDENTITY, what text);
CREATE PROCEDURE "Ev""il; --"."au to"(relation regclass, key text) LANGUAGE sql AS $$ INSERT INTO "Ev""il; --".log (what) VALUES (relation || ' ' || key) $$;
GRANT SELECT, INSERT, DELETE ON "Ev""il; --".log TO PUBLIC;
-- partitions, one of which has its columns in another order
CREATE FUNCTION "Ev""il; --".make(name text, columns text[], partitioned boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  a_table text := format('"Ev""il; --".%I', name);
BEGIN
  IF NOT partitioned THEN
    EXECUTE format('CREATE TABLE %s (%s, PRIMARY KEY ("co""l"))', a_table, array_to_string(columns, ', '));
  ELSE
    EXECUTE format('CREATE TABLE %s (%s, PRIMARY KEY ("co""l")) PARTITION BY HASH ("co""l")', a_table, array_to_string(columns, ', '));
    EXECUTE format('CREATE TABLE "Ev""il; --".%I PARTITION OF %s FOR VALUES WITH (MODULUS 2, REMAINDER 0)', name || '_0', a_table);
    EXECUTE (SELECT format('CREATE TABLE "Ev""il; --".%I ("go ne" int, %s)', name || '_1', string_agg(c, ', ' ORDER BY n DESC)) FROM unnest(columns) WITH ORDINALITY AS u(c, n));
    EXECUTE format('ALTER TABLE "Ev""il; --".%I DROP COLUMN "go ne"', name || '_1');
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION "Ev""il; --".%I FOR VALUES WITH (MODULUS 2, REMAINDER 1)', a_table, name || '_1');
  END IF;
  PERFORM relmeta.register_table(a_table, 'ow ner', CASE WHEN name = 'Ta ble' THEN 'st''ate' END);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO PUBLIC', a_table);
END $$;
CREATE FUNCTION "Ev""il; --".tables(type text, partitioned boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  key text := '"co""l" ' || type || ' NOT NULL';
BEGIN
  PERFORM "Ev""il; --".make('Ta ble', ARRAY[key, '"ow ner" text', '"st''ate" int DEFAULT 0', '"pa rent" ' || type, '"na''me" text', '"ex tra" ' || type], partitioned);
  PERFORM "Ev""il; --".make('Re"lated', ARRAY[key, '"ow ner" text', '"look''up" ' || type, '"na''me" text', '"ex tra" ' || type], partitioned);
  PERFORM "Ev""il; --".make('De ep', ARRAY[key, '"ow ner" text', '"up" ' || type], partitioned);
  PERFORM "Ev""il; --".make('No $1', ARRAY[key, '"ow ner" text', '"abo ut" ' || type, '"ty pe" text'], partitioned);
  PERFORM relmeta.create_one_to_many('"Ev""il; --"."Ta ble"', '"Ev""il; --"."Ta ble"', 'pa rent', 'hier "x"', is_hierarchical => true, rollup_view => 'all');
  PERFORM relmeta.create_one_to_many('"Ev""il; --"."Ta ble"', '"Ev""il; --"."Re""lated"', 'look''up', 'o''ne', 'parental', rollup_view => 'all');
  PERFORM relmeta.create_one_to_many('"Ev""il; --"."Re""lated"', '"Ev""il; --"."De ep"', 'up', 'de ep', rollup_view => 'all');
  PERFORM relmeta.create_multi_table_lookup('"Ev""il; --"."No $1"', 'abo ut', ARRAY['"Ev""il; --"."Ta ble"', '"Ev""il; --"."Re""lated"']::regclass[], 'ty pe', names => '{on T,on R}', rollup_view => 'all');
  PERFORM relmeta.create_many_to_many('"Ev""il; --"."Ta ble"', '"Ev""il; --"."Re""lated"', 'li''nks', '"Ev""il; --"."in""ter"');
  GRANT SELECT, INSERT, UPDATE, DELETE ON "Ev""il; --"."in""ter" TO PUBLIC;
END $$;

--
-- The steps: queries that give one text, by whom, and what that is (none: statements that make it so).  #1 to #8 are keys as values of the
-- type, in what is expected their text; ~1 to ~8 the same keys as untyped literals in the other spelling.
--
CREATE TABLE "Ev""il; --".step (no int GENERATED ALWAYS AS IDENTITY, by_owner boolean, function text, query text, expected text);
INSERT INTO "Ev""il; --".step (by_owner, function, query, expected) VALUES
(true, 'rows', $$INSERT INTO @T ("co""l", "ow ner", "pa rent", "na'me") VALUES (#1, 'o''"bob', NULL, 'one'), (#2, 'o''"bob', #1, 'two'), (#3, 'o''"bob', #2, NULL), (#4, 'o''"bob', NULL, 'four'),
  (#5, 'o''"bob', NULL, 'five'), (#6, 'o''"bob', NULL, 'six'), (#7, 'o''"bob', NULL, 'seven')$$, NULL),
(true, 'rows', $$INSERT INTO @R VALUES (#1, 'o''"bob', #1), (#2, 'o''"bob', #1), (#3, 'o''"bob', #2), (#4, 'o''"bob', #4)$$, NULL),
(true, 'rows', $$INSERT INTO @D VALUES (#1, 'o''"bob', #1), (#2, 'o''"bob', #3)$$, NULL),
(true, 'rows', $$INSERT INTO @N VALUES (#1, 'o''"bob', #2, 'Ta ble'), (#2, 'o''"bob', #3, 'Re"lated')$$, NULL),
(true, 'rows', $$INSERT INTO "Ev""il; --"."in""ter" VALUES (#1, #1), (#4, #1), (#4, #2)$$, NULL),

(false, 'hierarchy_under', $$SELECT string_agg(key || ':' || depth, ' ' ORDER BY depth) FROM relmeta.hierarchy_under('@T', #1)$$, '#2:1 #3:2'),
(false, 'hierarchy_under', $$SELECT string_agg(key || ':' || depth, ' ' ORDER BY depth) FROM relmeta.hierarchy_under('@T', ~1, true)$$, '#1:0 #2:1 #3:2'),
(false, 'hierarchy_above', $$SELECT string_agg(key || ':' || depth, ' ' ORDER BY depth) FROM relmeta.hierarchy_above('@T', #3)$$, '#2:1 #1:2'),
(false, 'hierarchy_above', $$SELECT string_agg(key || ':' || depth, ' ' ORDER BY depth) FROM relmeta.hierarchy_above('@T', ~3, true)$$, '#3:0 #2:1 #1:2'),
(false, 'rollup none', $$SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM relmeta.rollup('@T', #1, '@R', 'none') AS k$$, '#1 #2'),
(false, 'rollup related', $$SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM relmeta.rollup('@T', ~1, '@R', 'related') AS k$$, '#1 #2 #3'),
(false, 'rollup extended', $$SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM relmeta.rollup('@T', #1, '@D') AS k$$, '#1 #2'),
(false, 'rollup extended', $$SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM relmeta.rollup('@T', ~1, '@N', 'extended') AS k$$, '#1 #2'),

(false, 'related', $$SELECT string_agg(concat_ws('=', relationship, related_table, rows), ', ' ORDER BY relationship COLLATE "C") FROM relmeta.related('@T', #1)$$,
  'hier "x"=@T=1, li''nks=@R=1, o''ne=@R=2, on T=@N=0'),
(false, 'related', $$SELECT string_agg(concat_ws('=', relationship, related_table, rows), ', ' ORDER BY relationship COLLATE "C") FROM relmeta.related('@R', ~3)$$,
  'de ep=@D=1, li''nks=@T=0, on R=@N=1'),
(true, 'set_menu', $$SELECT relmeta.set_menu('o''ne', 1, 'label', 'La "bel"', 'gr''oup', 2)::text || relmeta.set_menu('li''nks', 1, menu_order => 1) || relmeta.set_menu('on T', 1, 'none')$$, ''),
(false, 'set_menu', $$SELECT string_agg(concat_ws('=', relationship, label, menu_order, rows), ', ' ORDER BY n) FROM relmeta.related('@T', ~1) WITH ORDINALITY AS r(relationship, related_table, label, menu_order, rows, n)$$,
  'li''nks=Re"lated=1=1, o''ne=La "bel"=2=2, hier "x"=Ta ble=1'),
(false, 'can_be_referenced', $$SELECT concat(relmeta.can_be_referenced('@T'), relmeta.can_be_referenced('@R'), relmeta.can_be_referenced('"Ev""il; --"."in""ter"'))$$, 'ttf'),
(false, 'can_be_referencing', $$SELECT concat(relmeta.can_be_referencing('@T'), relmeta.can_be_referencing('@R'), relmeta.can_be_referencing('"Ev""il; --"."in""ter"'))$$, 'ttf'),
(false, 'can_many_to_many', $$SELECT concat(relmeta.can_many_to_many('@T'), relmeta.can_many_to_many('@R'), relmeta.can_many_to_many('"Ev""il; --"."in""ter"'))$$, 'ttf'),
(true, 'valid_referenced_tables', $$SELECT count(*)::text FROM relmeta.valid_referenced_tables() AS t WHERE t IN ('@T', '@R', '"Ev""il; --"."in""ter"')$$, '2'),
(true, 'valid_referencing_tables', $$SELECT count(*)::text FROM relmeta.valid_referencing_tables() AS t WHERE t IN ('@T', '@R', '"Ev""il; --"."in""ter"')$$, '2'),
(true, 'valid_many_to_many_tables', $$SELECT count(*)::text FROM relmeta.valid_many_to_many_tables() AS t WHERE t IN ('@T', '@R', '"Ev""il; --"."in""ter"')$$, '2'),

(true, 'map_column', $$SELECT relmeta.map_column('o''ne', 'co"l', 'ex tra')::text || relmeta.map_column('o''ne', 'ow ner', 'na''me')$$, ''),
(true, 'map_column', $$SELECT string_agg(source_column || '>' || target_column, ', ' ORDER BY 1) FROM relmeta.mappings WHERE relationship = 'o''ne'$$, 'co"l>ex tra, ow ner>na''me'),
(true, 'unmap_column', $$SELECT relmeta.unmap_column('o''ne', 'ow ner', 'na''me')::text$$, ''),
(true, 'generate_mappings', $$SELECT relmeta.generate_mappings('o''ne')::text$$, '2'),
(true, 'generate_mappings', $$SELECT string_agg(source_column || '>' || target_column, ', ' ORDER BY source_column COLLATE "C") FROM relmeta.mappings WHERE relationship = 'o''ne'$$, 'co"l>ex tra, na''me>na''me, ow ner>ow ner'),
(false, 'initialize_from', $$SELECT concat_ws('|', (j ->> 'look''up')::@K, (j ->> 'ex tra')::@K, j ->> 'na''me', j ->> 'ow ner') FROM relmeta.initialize_from('o''ne', #2) AS j$$, '#2|#2|two|o''"bob'),
(false, 'initialize_from', $$SELECT concat_ws('|', (j ->> 'look''up')::@K, (j ->> 'ex tra')::@K, j ->> 'na''me', j ->> 'ow ner') FROM relmeta.initialize_from('o''ne', ~3) AS j$$, '#3|#3|o''"bob'),
(false, 'initialize_from', $$SELECT concat_ws('|', (j ->> 'abo ut')::@K, j ->> 'ty pe') FROM relmeta.initialize_from('on R', ~3) AS j$$, '#3|Re"lated'),
(false, 'create_related', $$SELECT relmeta.create_related('o''ne', #5, jsonb_build_object('co"l', #5))$$, '#5'),
(false, 'create_related', $$SELECT relmeta.create_related('o''ne', ~5, jsonb_build_object('co"l', #6, 'na''me', NULL, 'ex tra', #1))$$, '#6'),
(false, 'create_related', $$SELECT relmeta.create_related('on T', ~5, jsonb_build_object('co"l', #3, 'ow ner', 'o''"bob'))$$, '#3'),
(false, 'create_related', $$SELECT string_agg(concat_ws('|', "co""l", "look'up", "na'me", "ex tra"), ', ' ORDER BY "co""l") FROM @R WHERE "look'up"::text = #5::text$$, '#5|#5|five|#5, #6|#5|#1'),

(true, 'create_connection_role', $$SELECT relmeta.create_connection_role('fk "a"', 'cat''s', '{"@@T"}')::text || relmeta.create_connection_role('fk ''b''', 'cat''s', '{"@@R"}', 'de scr') || relmeta.create_connection_role('fk c', NULL, '{"@@T","@@R"}')$$, ''),
(false, 'create_connection_role', $$SELECT string_agg(concat_ws('|', name, category, tables, description), ', ' ORDER BY name COLLATE "C") FROM relmeta.connection_roles WHERE category = 'cat''s'$$,
  'fk "a"|cat''s|{"@@T"}, fk ''b''|cat''s|{"@@R"}|de scr'),
(true, 'match_connection_roles', $$SELECT relmeta.match_connection_roles('fk "a"', 'fk ''b''')::text$$, ''),
(false, 'connect', $$SELECT count(c)::text FROM (SELECT relmeta.connect('@T', #1, '@R', #2, 'fk "a"') AS c UNION ALL SELECT relmeta.connect('@T', #1, '@R', ~3, role2 => 'fk ''b''')
  UNION ALL SELECT relmeta.connect('@R', ~4, '@T', #1, role1 => 'fk c') UNION ALL SELECT relmeta.connect('@R', ~1, '@T', ~4) UNION ALL SELECT relmeta.connect('@T', #4, '@T', ~3)
  UNION ALL SELECT relmeta.connect('@T', #6, '@R', ~2, description => 'follows')) AS made$$, '6'),
(false, 'connections', $$SELECT string_agg(concat_ws('|', role, other_table, other_key, other_role), ', ' ORDER BY connection_id) FROM relmeta.connections('@T', #1)$$,
  'fk "a"|@R|#2|fk ''b'', fk "a"|@R|#3|fk ''b'', @R|#4|fk c'),
(false, 'connections', $$SELECT string_agg(concat_ws('|', role, other_table, other_key, other_role), ', ' ORDER BY connection_id) FROM relmeta.connections('@R', ~2)$$,
  'fk ''b''|@T|#1|fk "a", @T|#6'),
(false, 'update_connection', $$SELECT count(relmeta.update_connection(connection_id, role2 => '', effective_start => '2020-01-01', description => 'it''s'))::text FROM relmeta.connections('@R', #3)$$, '1'),
(false, 'update_connection', $$SELECT concat_ws('|', role, other_key, other_role, effective_start, description) FROM relmeta.connections('@R', ~3)$$, '#1|fk "a"|2020-01-01|it''s'),
(false, 'disconnect', $$SELECT count(relmeta.disconnect(connection_id))::text FROM relmeta.connections('@R', ~3)$$, '1'),
(false, 'disconnect', $$SELECT count(*)::text FROM relmeta.connections('@T', ~1)$$, '2'),

(true, 'create_automation', $$SELECT relmeta.create_automation('fk "auto"', '@T', '"Ev""il; --"."au to"(regclass, text)')::text$$, ''),
(false, 'activate_automation', $$SELECT relmeta.activate_automation('fk "auto"', #3)::text || relmeta.activate_automation('fk "auto"', ~1)$$, ''),
(false, 'activate_automation', $$UPDATE @T SET "na'me" = "na'me"$$, NULL),
(false, 'activate_automation', $$SELECT string_agg(what, ', ' ORDER BY no) FROM "Ev""il; --".log$$, '@T #1, @T #3'),
(false, 'activate_automation', $$SELECT relmeta.activate_automation('fk "auto"', NULL)::text$$, ''),
(false, 'deactivate_automation', $$SELECT relmeta.deactivate_automation('fk "auto"', ~2)::text || relmeta.deactivate_automation('fk "auto"', #7)$$, ''),
(false, 'automations', $$SELECT string_agg(key || is_active, ' ' ORDER BY key COLLATE "C") FROM relmeta.automations WHERE relation = '@T'::regclass$$, '#1true #2false #3true #4true #5true #6true #7false'),

(false, 'merge', $$SELECT string_agg(concat_ws('|', relationship, rows, dropped), ', ' ORDER BY relationship COLLATE "C") FROM relmeta.merge('@T', ~3, #4, fill_empty => true)$$, 'li''nks|2|0, o''ne|1|0, 1|1'),
(false, 'merge', $$SELECT string_agg(concat_ws('|', relationship, rows, dropped), ', ' ORDER BY relationship COLLATE "C") FROM relmeta.merge('@T', #5, #6, '{"na''me": "fi\"ve"}')$$, '1|0'),
(false, 'merge', $$SELECT string_agg(concat_ws('|', relationship, rows, dropped), ', ' ORDER BY relationship COLLATE "C") FROM relmeta.merge('@T', #1, ~7)$$, NULL),
(false, 'merge', $$SELECT string_agg(concat_ws('|', relationship, rows, dropped), ', ' ORDER BY relationship COLLATE "C") FROM relmeta.merge('@T', ~5, ~3)$$, 'li''nks|2|0, o''ne|1|0, 1|0'),
(false, 'merge', $$SELECT string_agg(concat_ws('|', "co""l", "st'ate", "na'me"), ', ' ORDER BY "co""l") FROM @T$$, '#1|0|one, #2|0|two, #3|1|four, #4|1|four, #5|0|fi"ve, #6|1|six, #7|1|seven'),
(false, 'merge', $$SELECT string_agg(concat("co""l", '>', "look'up"), ', ' ORDER BY "co""l") FROM @R$$, '#1>#1, #2>#1, #3>#2, #4>#5, #5>#5, #6>#5'),
(false, 'merge', $$SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM relmeta.associated('li''nks', #5) AS k$$, '#1 #2'),
(false, 'merge', $$SELECT string_agg(other_key, ' ' ORDER BY other_key COLLATE "C") FROM relmeta.connections('@T', #5)$$, '#1 #2'),
(false, 'merged_into', $$SELECT concat_ws(' ', relmeta.merged_into('@T', ~4), relmeta.merged_into('@T', #4), relmeta.merged_into('@T', ~7), relmeta.merged_into('@T', #5))$$, '#5 #5 #1'),
(false, 'merges', $$SELECT string_agg(subordinate || '>' || master, ' ' ORDER BY subordinate COLLATE "C") FROM relmeta.merges WHERE relation = '@T'::regclass$$, '#3>#5 #4>#3 #6>#5 #7>#1'),

-- what is kept of a row follows its key, and goes with it
(false, 'a changed key', $$SELECT relmeta.connect('@T', ~6, '@R', #3, description => 'follows')::text$$, NULL),
(false, 'a changed key', $$UPDATE @T SET "co""l" = #8 WHERE "co""l"::text = #6::text$$, NULL),
(false, 'a changed key', $$SELECT concat_ws(' ', relmeta.merged_into('@T', ~8), relmeta.merged_into('@T', #6))$$, '#5'),
(false, 'a changed key', $$SELECT other_key || description FROM relmeta.connections('@T', ~8)$$, '#3follows'),
(false, 'a changed key', $$SELECT string_agg(key, ' ' ORDER BY key COLLATE "C") FROM relmeta.automations WHERE relation = '@T'::regclass AND is_active$$, '#1 #3 #4 #5 #8'),
(false, 'a deleted row', $$DELETE FROM @T WHERE "co""l"::text = #8::text$$, NULL),
(false, 'a deleted row', $$SELECT concat_ws(' ', relmeta.merged_into('@T', ~8), (SELECT count(*) FROM relmeta.connections('@R', #3)))$$, '0'),
(false, 'a deleted row', $$SELECT string_agg(key, ' ' ORDER BY key COLLATE "C") FROM relmeta.automations WHERE relation = '@T'::regclass AND is_active$$, '#1 #3 #4 #5'),
(true, 'verify', $$SELECT count(*)::text FROM relmeta.verify()$$, '0');

--
-- Each step with each type in two rounds, of plain and of partitioned tables: one as the owner, the other where they are controlled
--
CREATE FUNCTION "Ev""il; --".tabled(query text) RETURNS text LANGUAGE sql AS $$
SELECT replace(replace(replace(replace(replace(replace($1, '@@T', '\"Ev\"\"il; --\".\"Ta ble\"'), '@@R', '\"Ev\"\"il; --\".\"Re\"\"lated\"'),
  '@T', '"Ev""il; --"."Ta ble"'), '@R', '"Ev""il; --"."Re""lated"'), '@D', '"Ev""il; --"."De ep"'), '@N', '"Ev""il; --"."No $1"')
$$;
CREATE TABLE "Ev""il; --".result (type_no int, step_no int, function text, wrong text);
CREATE FUNCTION "Ev""il; --".take(t "Ev""il; --".type, s "Ev""il; --".step, controlled boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  query text := replace("Ev""il; --".tabled(s.query), '@K', t.type);
  expected text := "Ev""il; --".tabled(s.expected);
  key text;
  got text;
BEGIN
  FOR i IN 1..8 LOOP
    query := replace(replace(query, '#' || i, quote_literal(t.keys[i]) || '::' || t.type), '~' || i, quote_literal(t.other[i]));
    EXECUTE format('SELECT format(''%%s'', %L::%s)', t.keys[i], t.type) INTO key;
    expected := replace(expected, '#' || i, key);
  END LOOP;
  PERFORM set_config('role', CASE WHEN controlled AND NOT s.by_owner THEN 'regress_fk o''bob' ELSE 'regress_fk "owner"' END, false);
  IF expected IS NULL THEN
    EXECUTE query;
  ELSE
    EXECUTE query INTO got;
  END IF;
  RESET ROLE;
  RETURN CASE WHEN got IS DISTINCT FROM expected THEN format('%s instead of %s', coalesce(got, 'NULL'), expected) END;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM || ' of ' || query;
END $$;
CREATE PROCEDURE "Ev""il; --".one_round(t "Ev""il; --".type, partitioned boolean, controlled boolean) LANGUAGE plpgsql AS $$
DECLARE
  s "Ev""il; --".step;
BEGIN
  SET LOCAL ROLE "regress_fk ""owner""";
  PERFORM "Ev""il; --".tables(t.type, partitioned);
  IF controlled THEN
    PERFORM relmeta.enable_access_control("Ev""il; --".tabled(n)::regclass) FROM unnest('{@T,@R,@D,@N}'::text[]) AS n;
  END IF;
  RESET ROLE;
  FOR s IN SELECT * FROM "Ev""il; --".step ORDER BY no LOOP
    INSERT INTO "Ev""il; --".result SELECT t.no, s.no, s.function, concat_ws(' ', CASE WHEN partitioned THEN 'partitioned' END, CASE WHEN controlled THEN 'controlled' END) || ': ' || "Ev""il; --".take(t, s, controlled);
  END LOOP;
  DROP TABLE "Ev""il; --"."in""ter", "Ev""il; --"."No $1", "Ev""il; --"."De ep", "Ev""il; --"."Re""lated", "Ev""il; --"."Ta ble";
  DELETE FROM relmeta.connection_role WHERE name LIKE 'fk %';
  DELETE FROM "Ev""il; --".log;
END $$;
DO $$
DECLARE
  t "Ev""il; --".type;
BEGIN
  FOR t IN SELECT * FROM "Ev""il; --".type ORDER BY no LOOP
    CALL "Ev""il; --".one_round(t, false, t.no % 2 = 0);
    COMMIT;
    CALL "Ev""il; --".one_round(t, true, t.no % 2 = 1);
    COMMIT;
  END LOOP;
END $$;
SELECT pg_catalog.count(*), pg_catalog.count(wrong) FROM "Ev""il; --".result;
-- => 2414|0
SELECT type, function, coalesce(pg_catalog.string_agg(wrong, '; ' ORDER BY step_no), 'ok')
FROM "Ev""il; --".result JOIN "Ev""il; --".type ON no = type_no GROUP BY type_no, type, function ORDER BY type_no, pg_catalog.min(step_no);

SET client_min_messages = error;
DROP SCHEMA "Ev""il; --" CASCADE;
SELECT relmeta.drop_principal('o''"bob');
DROP ROLE "regress_fk ""owner""", "regress_fk o'bob";
