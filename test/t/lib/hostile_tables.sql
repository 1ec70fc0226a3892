-- mal's tables, with a spy in every place.  Read by hostile.pl, as role mal, after hostile_spies.sql; in a database with
-- relmeta (:relmeta is true) and in one without, where foreign keys of PostgreSQL's own cascade over the same tables.
SET search_path = pg_catalog;

--
-- Types
--
SELECT mal.plant(d || ' domain check', 'value ' || t, 'boolean', 'true')
FROM (VALUES ('word', 'text'), ('num', 'int'), ('mood', 'text'), ('text', 'text'), ('regclass', 'regclass'), ('name', 'name')) AS v (d, t);
SELECT mal.plant('word domain default', '', 'text', '''ann''', 'VOLATILE');
CREATE DOMAIN mal.word AS text DEFAULT mal."word domain default"() CHECK (mal."word domain check"(VALUE));
CREATE DOMAIN mal.num AS int CHECK (mal."num domain check"(VALUE));
CREATE DOMAIN mal.mood AS text CHECK (mal."mood domain check"(VALUE));
CREATE DOMAIN mal.text AS pg_catalog.text CHECK (mal."text domain check"(VALUE));
CREATE DOMAIN mal.regclass AS pg_catalog.regclass CHECK (mal."regclass domain check"(VALUE));
CREATE DOMAIN mal.name AS pg_catalog.name CHECK (mal."name domain check"(VALUE));
CREATE COLLATION mal.plain FROM "C";

-- Types of which relmeta must keep no value, since what reads, prints, compares or analyzes one is not a superuser's.
SELECT mal.plant('range subtype_diff', 'a int, b int', 'float8', 'a - b');
CREATE TYPE mal.span AS RANGE (subtype = int, subtype_diff = mal."range subtype_diff");
CREATE TYPE mal.span_of_word AS RANGE (subtype = mal.word, subtype_opclass = text_ops);
CREATE TYPE mal.pair AS (a mal.word, b int);
CREATE TYPE mal.colour AS ENUM ('ann', 'bob', 'eve', 'mal');
SELECT mal.plant('cast of enum to text', 'c mal.colour', 'text', 'textin(enum_out(c))');
SELECT mal.plant('cast of text to enum', 't text', 'mal.colour', 'enum_in(textout(t), ''mal.colour''::regtype)');
CREATE CAST (mal.colour AS text) WITH FUNCTION mal."cast of enum to text" AS ASSIGNMENT;
CREATE CAST (text AS mal.colour) WITH FUNCTION mal."cast of text to enum" AS ASSIGNMENT;

--
-- Tables.  account -> contact -> note, account -> part, visit points to account or contact, account has a hierarchy.
--
CREATE TABLE mal.account (id mal.num PRIMARY KEY, owner_id mal.word, state mal.mood COLLATE mal.plain, parent_id mal.num);
CREATE TABLE mal.contact (id mal.num PRIMARY KEY, owner_id mal.word, state mal.mood, account_id mal.num);
CREATE TABLE mal.note (id mal.num PRIMARY KEY, owner_id mal.word, contact_id mal.num);
CREATE TABLE mal.part (id mal.num, owner_id mal.word, account_id mal.num, PRIMARY KEY (id)) PARTITION BY RANGE (id mal.int_ops);
CREATE TABLE mal.part_1 PARTITION OF mal.part FOR VALUES FROM (0) TO (100);
CREATE TABLE mal.part_2 PARTITION OF mal.part FOR VALUES FROM (100) TO (200);
CREATE TABLE mal.visit (id mal.num PRIMARY KEY, owner_id mal.word, about_id mal.num, about_type mal.mood);
CREATE TABLE mal.tag (id mal.num PRIMARY KEY);
CREATE TABLE mal.junction (account_id mal.num, tag_id mal.num, PRIMARY KEY (account_id, tag_id));
CREATE TABLE mal.member (id mal.word PRIMARY KEY);
SELECT mal.plant('crew partition key folded', '', 'text', '''''');
CREATE TABLE mal.crew (crew mal.word, member mal.word) PARTITION BY LIST ((member::text || mal."crew partition key folded"()));
CREATE TABLE mal.crew_1 PARTITION OF mal.crew DEFAULT;
CREATE TABLE mal.page (id mal.num PRIMARY KEY, owner_id text, file_id int);    -- of eve's files
CREATE TABLE mal.asking (id mal.num PRIMARY KEY, owner_id mal.word);            -- its policies ask relmeta about other tables
CREATE TABLE mal.quiet (id mal.num PRIMARY KEY, owner_id mal.word);             -- its policy is harmless
GRANT SELECT ON mal.asking TO eve;
SELECT mal.infest(t) FROM unnest(ARRAY['account', 'contact', 'note', 'part', 'visit', 'page', 'tag', 'member']) AS t;
SELECT mal.infest('junction', 'tag_id'), mal.infest('crew', 'crew');
SELECT mal.plant('quiet index folded', '', 'int', '0');
CREATE INDEX ON mal.quiet ((mal."quiet index folded"()));
SELECT mal.plant('quiet statistics folded', '', 'int', '0');
CREATE STATISTICS mal.quiet_too ON (mal."quiet statistics folded"()) FROM mal.quiet;
CREATE POLICY quiet ON mal.quiet USING (true);
ALTER TABLE mal.quiet ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON mal.quiet TO eve;
SELECT mal.plant('link default', '', 'text', '''x''', 'VOLATILE');

\if :relmeta
SELECT relmeta.register_table('mal.account', 'owner_id', 'state', '{open}', 'closed'),
       relmeta.register_table('mal.contact', 'owner_id', 'state', '{open}'),
       relmeta.register_table('mal.note', 'owner_id', default_owner => true),
       relmeta.register_table('mal.part', 'owner_id'), relmeta.register_table('mal.visit', 'owner_id'),
       relmeta.register_table('mal.asking', 'owner_id'), relmeta.register_table('mal.quiet', 'owner_id'), relmeta.register_table('mal.tag');
SELECT relmeta.create_one_to_many('mal.account', 'mal.contact', 'account_id', 'account_contact', preset => 'parental'),
       relmeta.create_one_to_many('mal.account', 'mal.part', 'account_id', 'account_part', preset => 'parental'),
       relmeta.create_one_to_many('mal.contact', 'mal.note', 'contact_id', 'contact_note', preset => 'parental', foreign_key => false),
       relmeta.create_one_to_many('mal.part', 'mal.note', 'part_id', 'part_note', preset => 'referential_restrict', foreign_key => false),
       relmeta.create_one_to_many('mal.account', 'mal.account', 'parent_id', 'account_parent', is_hierarchical => true,
         assign => 'active', share => 'user_owned', reparent => 'active'),
       relmeta.create_multi_table_lookup('mal.visit', 'about_id', '{mal.account,mal.contact}', preset => 'parental',
         names => '{account_visit,contact_visit}');
SELECT relmeta.create_many_to_many('mal.account', 'mal.tag', 'account_tag', attributes => 'word mal.word DEFAULT mal."link default"()'),
       relmeta.create_many_to_many('mal.account', 'mal.account', 'knows', 'mal.knows', is_symmetric => true),
       relmeta.create_many_to_many('mal.account', 'mal.part', 'parts', 'mal.parts'),
       relmeta.create_many_to_many('mal.account', 'mal.future', 'coming',
         attributes => 'word mal.word DEFAULT mal."link default"(), words mal.word[] DEFAULT ''{ann}''');
ALTER TABLE mal.junction ADD FOREIGN KEY (account_id) REFERENCES mal.account ON DELETE CASCADE,
  ADD FOREIGN KEY (tag_id) REFERENCES mal.tag;
CREATE FUNCTION mal.automatic(relation pg_catalog.regclass, key pg_catalog.text) RETURNS void LANGUAGE sql AS '';
SELECT relmeta.create_automation('first auto', 'mal.account', 'mal.automatic(pg_catalog.regclass, pg_catalog.text)');
CREATE FUNCTION mal."automation of contact"(relation pg_catalog.regclass, key pg_catalog.text) RETURNS void LANGUAGE plpgsql AS
  'BEGIN PERFORM mal.spy(''automation of contact''); END';
SELECT relmeta.create_automation('contact auto', 'mal.contact', 'mal."automation of contact"(pg_catalog.regclass, pg_catalog.text)');
SELECT relmeta.adopt_many_to_many('mal.junction', 'junction');
CREATE TABLE mal.piece (id int PRIMARY KEY);                     -- nothing of mal's is called for it, but for the part above
GRANT SELECT ON mal.piece TO eve;
-- guarded, since PostgreSQL itself ends DETACH PARTITION with XX000 ("could not find tuple for parent of relation") where two foreign
-- keys reference the partitioned table and its operator class runs a statement
SELECT relmeta.create_one_to_many('mal.part', 'mal.piece', 'part_id', 'part_piece', share => 'all', reparent => 'all', delete => 'all',
  foreign_key => false);
CREATE POLICY rows ON mal.asking USING (relmeta.has_access('mal.account', '1', 'read') OR relmeta.principal_access('mal.contact', 1) IS NULL);
CREATE POLICY links ON mal.asking USING (relmeta.is_associated('account_tag', '1', '1'));
ALTER TABLE mal.asking ENABLE ROW LEVEL SECURITY;
\else
ALTER TABLE mal.account ADD UNIQUE (id, owner_id);
ALTER TABLE mal.contact ADD UNIQUE (id, owner_id);
ALTER TABLE mal.contact ADD FOREIGN KEY (account_id, owner_id) REFERENCES mal.account (id, owner_id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE mal.part ADD FOREIGN KEY (account_id, owner_id) REFERENCES mal.account (id, owner_id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE mal.note ADD FOREIGN KEY (contact_id, owner_id) REFERENCES mal.contact (id, owner_id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE mal.visit ADD FOREIGN KEY (about_id, owner_id) REFERENCES mal.account (id, owner_id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE mal.account ADD FOREIGN KEY (parent_id, owner_id) REFERENCES mal.account (id, owner_id) ON DELETE SET NULL (parent_id) ON UPDATE CASCADE;
CREATE INDEX ON mal.contact (account_id);
CREATE INDEX ON mal.part (account_id);
CREATE INDEX ON mal.note (contact_id);
CREATE INDEX ON mal.visit (about_type, about_id);
CREATE INDEX ON mal.account (parent_id);
SELECT pg_catalog.format('CREATE INDEX ON mal.%I (owner_id)', t) FROM unnest(ARRAY['account', 'contact', 'part', 'note', 'visit']) AS t \gexec
CREATE TABLE mal.account_tag (account_id mal.num REFERENCES mal.account ON DELETE CASCADE,
  tag_id mal.num REFERENCES mal.tag ON DELETE CASCADE, word mal.word DEFAULT mal."link default"(), PRIMARY KEY (account_id, tag_id));
CREATE TABLE mal.knows (account_id mal.num REFERENCES mal.account ON DELETE CASCADE,
  related_account_id mal.num REFERENCES mal.account ON DELETE CASCADE, PRIMARY KEY (account_id, related_account_id));
CREATE TABLE mal.parts (account_id mal.num REFERENCES mal.account ON DELETE CASCADE,
  part_id mal.num REFERENCES mal.part ON DELETE CASCADE, PRIMARY KEY (account_id, part_id));
CREATE INDEX ON mal.parts (part_id, account_id);
ALTER TABLE mal.junction ADD FOREIGN KEY (account_id) REFERENCES mal.account ON DELETE CASCADE,
  ADD FOREIGN KEY (tag_id) REFERENCES mal.tag;
\endif
-- A registered table takes no rules; others do.
CREATE TABLE mal.ruling (id int);
GRANT INSERT ON mal.ruling TO PUBLIC;
SELECT mal.plant(t || ' rule', 'v anyelement', 'int', '0', 'VOLATILE') FROM unnest(ARRAY['account_tag', 'junction']) AS t;
CREATE RULE ruled AS ON INSERT TO mal.account_tag DO ALSO INSERT INTO mal.ruling VALUES (mal."account_tag rule"(NEW.tag_id));
CREATE RULE ruled AS ON INSERT TO mal.junction DO ALSO INSERT INTO mal.ruling VALUES (mal."junction rule"(NEW.tag_id));
SELECT mal.infest(t, 'account_id', false) FROM unnest(ARRAY['account_tag', 'knows']) AS t;

-- The rows, anew.  Of account 1 to 9, 1 and 2 have rows below them; all is owned by ann.
CREATE FUNCTION mal.fill() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF to_regclass('mal.piece') IS NOT NULL THEN
    TRUNCATE mal.piece;
  END IF;
  TRUNCATE mal.note, mal.visit, mal.asking, mal.quiet, mal.page;
  TRUNCATE mal.account, mal.contact, mal.note, mal.part, mal.visit, mal.tag, mal.junction, mal.account_tag, mal.knows
    CASCADE;
  INSERT INTO mal.account (id, owner_id, state, parent_id) SELECT i, 'ann', 'open', nullif(i / 3, 0) FROM generate_series(1, 9) AS i;
  INSERT INTO mal.contact (id, owner_id, state, account_id) SELECT i, 'ann', 'open', 1 + i % 2 FROM generate_series(1, 6) AS i;
  INSERT INTO mal.note (id, owner_id, contact_id) SELECT i, 'ann', 1 + i % 3 FROM generate_series(1, 6) AS i;
  INSERT INTO mal.part (id, owner_id, account_id) SELECT i * 25, 'ann', 1 + i % 2 FROM generate_series(1, 6) AS i;
  INSERT INTO mal.visit (id, owner_id, about_id, about_type) SELECT i, 'ann', 1 + i % 2, 'account' FROM generate_series(1, 4) AS i;
  INSERT INTO mal.asking VALUES (1, 'ann');
  INSERT INTO mal.quiet VALUES (1, 'ann');
  INSERT INTO mal.page (id, owner_id, file_id) SELECT i, 'ann', 1 FROM generate_series(1, 4) AS i;
  INSERT INTO mal.tag (id) SELECT i FROM generate_series(1, 4) AS i;
  INSERT INTO mal.junction VALUES (1, 1), (2, 2);
  INSERT INTO mal.account_tag (account_id, tag_id) VALUES (1, 1), (2, 1), (2, 2);
  INSERT INTO mal.knows VALUES (1, 2);
  IF NOT EXISTS (SELECT FROM mal.member WHERE id = 'erin') THEN
    INSERT INTO mal.member (id) VALUES ('erin');
    INSERT INTO mal.crew (crew, member) VALUES ('erins', 'erin');
  END IF;
END $$;

-- Tables of which nothing is declared yet.
CREATE FUNCTION mal.plain_tables() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  place record;
BEGIN
  DROP TABLE IF EXISTS mal.root, mal.leaf, mal.links CASCADE;
  FOR place IN SELECT p.oid::regprocedure AS signature FROM pg_proc AS p
    WHERE pronamespace = 'mal'::regnamespace AND (starts_with(proname, 'root ') OR starts_with(proname, 'leaf ')) LOOP
    EXECUTE format('DROP FUNCTION %s', place.signature);
  END LOOP;
  CREATE TABLE mal.root (id mal.num PRIMARY KEY, owner_id mal.word, state mal.mood);
  CREATE TABLE mal.leaf (id mal.num PRIMARY KEY, owner_id mal.word, kind mal.mood);
  PERFORM mal.infest('root'), mal.infest('leaf');
  INSERT INTO mal.root VALUES (1, 'ann', 'open'), (2, 'bob', 'open');
  INSERT INTO mal.leaf VALUES (1, 'ann'), (2, 'bob');
END $$;
