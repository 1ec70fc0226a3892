-- er_diagram: the declared model as text for drawing tools, SEMANTICS 2.7 and 3.14.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_er_owner;
CREATE ROLE regress_er_reader;
CREATE SCHEMA er AUTHORIZATION regress_er_owner;
CREATE SCHEMA er_evil AUTHORIZATION regress_er_owner;
GRANT USAGE ON SCHEMA er, er_evil TO regress_er_reader;
SET ROLE regress_er_owner;
SET search_path = er;
CREATE TABLE region (id int PRIMARY KEY);
CREATE TABLE account (id int PRIMARY KEY, name text, owner_id text, parent_id int);
CREATE TABLE contact (id int PRIMARY KEY, name varchar(30) NOT NULL, owner_id text, account_id int NOT NULL);
CREATE TABLE passport (id int PRIMARY KEY, contact_id int UNIQUE, number numeric(10, 2));
CREATE TABLE note (id bigint PRIMARY KEY, body text, regarding_id int NOT NULL, regarding_type text NOT NULL);
CREATE TABLE course (id uuid PRIMARY KEY, title text);
SELECT count(*) FROM (SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id'),
  relmeta.register_table('region', is_system => true)) r;
-- => 1
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental'),
       relmeta.create_one_to_many('account', 'account', 'parent_id', 'account_parent', is_hierarchical => true),
       relmeta.create_one_to_many('region', 'account', 'region_id', preset => 'referential_restrict'),
       relmeta.create_one_to_many('contact', 'passport', 'contact_id', delete => 'all', rollup_view => 'active'),
       relmeta.create_multi_table_lookup('note', 'regarding_id', '{account,contact}', preset => 'parental', assign => 'none', reparent => 'none', share => 'none', unshare => 'none');
-- => account_contact|account_parent|region_account|contact_passport|{account_note,contact_note}
SELECT relmeta.create_many_to_many('contact', 'course', 'enrolled', 'enrollment', attributes => 'since date NOT NULL, grade text'),
       relmeta.create_many_to_many('contact', 'contact', 'knows', is_symmetric => true),
       relmeta.create_many_to_many('course', 'account', 'sponsors'),
       relmeta.create_many_to_many('course', 'account', 'hosts');
-- => enrolled|knows|sponsors|hosts
SELECT relmeta.enable_access_control('contact');

-- mermaid, as Markdown renders it: what is optional, mandatory, unique, hierarchical, for several tables, N:N
SELECT relmeta.er_diagram();

-- the others, once each
SELECT relmeta.er_diagram('plantuml', columns => 'all');
SELECT relmeta.er_diagram('plantuml', 'uml', '{account,contact,passport}', 'none', false);
SELECT relmeta.er_diagram('dot', tables => '{contact,passport,course}', behaviors => false);
SELECT relmeta.er_diagram('dot', 'chen', '{contact,passport,course}', intersects => true);
SELECT relmeta.er_diagram('dbml', intersects => true);
SELECT relmeta.er_diagram('d2', columns => 'all');

-- an N:N of a table with itself, or a second one of a pair, is drawn through its intersect where DBML cannot say it
SELECT line FROM regexp_split_to_table(relmeta.er_diagram('dbml', tables => '{account,contact,course}', columns => 'none'), '\n') line WHERE line ~ '^(Ref|Table)' ORDER BY line COLLATE "C";

-- json: the document that tbls reads
SELECT r->>'table', r->>'columns', r->>'cardinality', r->>'parent_table', r->>'parent_cardinality', r->>'virtual', r->>'def'
FROM json_array_elements(relmeta.er_diagram('json')::json->'relations') r;
SELECT t->>'name', t->'labels'->0->>'name', json_array_length(t->'columns') FROM json_array_elements(relmeta.er_diagram('json', columns => 'all')::json->'tables') t;
COMMENT ON TABLE note IS 'what was said';
SELECT jsonb_pretty(relmeta.er_diagram('json', tables => '{note}', columns => 'none')::jsonb - 'name');

-- min_max stands beside its own table: a mandatory lookup gives (0,N) at the primary, (1,1) at the related table
SELECT substring(line, 'taillabel.*"') FROM regexp_split_to_table(relmeta.er_diagram('dot', 'min_max', '{account,contact,passport}'), '\n') line WHERE line ~ ' -> ';
-- => taillabel="(0,N)", headlabel="(1,1)"
-- => taillabel="(0,N)", headlabel="(0,1)"
-- => taillabel="(0,1)", headlabel="(0,1)"
-- => taillabel="(0,N)", headlabel="(0,N)"
SELECT substring(line, 'taillabel.*"') FROM regexp_split_to_table(relmeta.er_diagram('dot', 'uml', '{account,contact,passport}'), '\n') line WHERE line ~ ' -> ';
-- => taillabel="1", headlabel="0..*"
-- => taillabel="0..1", headlabel="0..*"
-- => taillabel="0..1", headlabel="0..1"
-- => taillabel="0..*", headlabel="0..*"

-- scope: only what is named, and what is depth relationships away
CREATE FUNCTION drawn(diagram text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(m[1], ' ' ORDER BY m[1] COLLATE "C") FROM regexp_matches(diagram, '^    (\w+)(?:\[.*\])? \{$', 'gn') m $$;
SELECT drawn(relmeta.er_diagram(tables => '{region}')), drawn(relmeta.er_diagram(tables => '{region}', depth => 1)), drawn(relmeta.er_diagram(tables => '{region}', depth => 2)),
       drawn(relmeta.er_diagram(tables => '{passport}', depth => 1)), drawn(relmeta.er_diagram(tables => '{}'));
-- => region|account region|account contact course note region|contact passport|
SELECT drawn(relmeta.er_diagram(tables => '{contact,course}')), drawn(relmeta.er_diagram(tables => '{contact,course}', intersects => true)), drawn(relmeta.er_diagram(tables => '{enrollment,course}')), drawn(relmeta.er_diagram(tables => '{enrollment}', depth => 1));
-- => contact course|contact contact_contact course enrollment|course enrollment|contact course enrollment

-- a lookup that is unique together with its type is 1:1; of one table alone it can be mandatory
CREATE UNIQUE INDEX ON note (regarding_id, regarding_type);
SELECT line FROM regexp_split_to_table(relmeta.er_diagram(tables => '{note,account}', columns => 'none', behaviors => false), '\n') line WHERE line ~ 'note';
SELECT relmeta.drop_relationship('contact_note');
SELECT line FROM regexp_split_to_table(relmeta.er_diagram(tables => '{note,account}', columns => 'none', behaviors => false), '\n') line WHERE line ~ 'note';

-- what there is not
SELECT relmeta.er_diagram('svg');
-- => 22023
SELECT relmeta.er_diagram('mermaid', 'idef1x');
-- => 22023
SELECT relmeta.er_diagram('mermaid', 'chen');
-- => 22023
SELECT relmeta.er_diagram(columns => 'some');
-- => 22023
SELECT relmeta.er_diagram(depth => -1);
-- => 22023
SELECT relmeta.er_diagram(tables => '{pg_class}');
-- => 42704
CREATE TABLE plain (id int);
SELECT relmeta.er_diagram(tables => '{plain}');
-- => 42704
SELECT relmeta.er_diagram(tables => ARRAY[NULL]::regclass[]);
-- => 22004
SELECT relmeta.er_diagram(tables => '{1}');
-- => 42P01
\set VERBOSITY default
SELECT relmeta.er_diagram('mermaid', 'uml');
SELECT relmeta.er_diagram('visio');
\set VERBOSITY sqlstate
SELECT relmeta.er_diagram(NULL, NULL, NULL, NULL, NULL, NULL, NULL) = relmeta.er_diagram();
-- => t

-- only what the caller may know of: tables on which he has a privilege, columns too but for keys
RESET ROLE;
GRANT SELECT ON er.account TO regress_er_reader;
GRANT UPDATE (id, name) ON er.contact TO regress_er_reader;
SET ROLE regress_er_reader;
SELECT relmeta.er_diagram(columns => 'all');
SELECT relmeta.er_diagram(tables => '{note}');
-- => 42501
SET ROLE regress_er_owner;

-- pending: drawn where both tables are there, and where the format says no columns
CREATE TABLE keyless (id int);
SELECT relmeta.create_many_to_many('account', 'keyless', 'later');
-- => later
SELECT format, relmeta.er_diagram(format) ~ 'later', relmeta.er_diagram(format) ~ 'keyless' FROM unnest('{mermaid,plantuml,dot,d2,dbml,json}'::text[]) format;
-- => mermaid|t|t
-- => plantuml|t|t
-- => dot|t|t
-- => d2|t|t
-- => dbml|f|f
-- => json|f|f
SELECT relmeta.drop_relationship('later');

-- names that grammars do not take
SET search_path = er_evil;
CREATE TABLE "one" (id int PRIMARY KEY, pk int, "to" int, "FK" int, "1st" int, "a b" int, "a_b" int, "A_B" int);
CREATE TABLE "class" ("end" int PRIMARY KEY, "it's" text, "say ""hi""" text, "back\slash" text, "per%cent" text, "<b>&amp;" text, "#1;${x}" text, "style: direction TB" text);
CREATE TABLE "1st ""table""; end" (id int PRIMARY KEY, "class" int, "note.left" int, "line
break" int, "__init__" int, "日本" int, "//" int, "''" int, "direction" numeric(4, 1));
CREATE TABLE account (id int PRIMARY KEY);
CREATE TABLE "Account" (id int PRIMARY KEY, "ID" int);
CREATE TABLE "ac-count" (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('"one"', '"class"', '1st "lookup"', 'say "a"; %b% \ <b> #1; end'),
       relmeta.create_one_to_many('"class"', '"1st ""table""; end"', 'class', 'class'),
       relmeta.create_one_to_many('"one"', '"one"', 'to', 'to'),
       relmeta.create_many_to_many('"one"', '"1st ""table""; end"', 'direction TB', '"one } end"'),
       relmeta.create_one_to_many('account', '"Account"', 'ID', 'it''s'),
       relmeta.create_one_to_many('account', '"ac-count"', 'style', 'style x:#y;');
-- => say "a"; %b% \ <b> #1; end|class|to|direction TB|it's|style x:#y;
CREATE VIEW evil AS SELECT '{"\"one\"","\"class\"","\"1st \"\"table\"\"; end\"",account,"\"Account\"","\"ac-count\"",er.account}'::regclass[] AS tables;
SELECT relmeta.er_diagram('mermaid', tables => tables, columns => 'all', intersects => true) FROM evil;
SELECT relmeta.er_diagram('plantuml', tables => tables, columns => 'all') FROM evil;
SELECT relmeta.er_diagram('dot', tables => tables, columns => 'all') FROM evil;
SELECT relmeta.er_diagram('dbml', tables => tables, columns => 'all') FROM evil;
SELECT relmeta.er_diagram('d2', tables => tables, columns => 'all', intersects => true) FROM evil;
SELECT t->>'name', (SELECT string_agg(c->>'name', ' | ') FROM json_array_elements(t->'columns') c) FROM evil, json_array_elements(relmeta.er_diagram('json', tables => tables, columns => 'all')::json->'tables') t;

-- Graphviz reads no text of ] alone; what ends a line in Unicode ends none
CREATE TABLE "]]" ("]" int PRIMARY KEY, up int);
SELECT relmeta.create_one_to_many('"]]"', '"]]"', 'up', CASE WHEN getdatabaseencoding() = 'UTF8' THEN 'up' || chr(8232) || chr(133) || 'to' ELSE 'up  to' END) IS NULL;
SELECT relmeta.er_diagram('dot', tables => '{"\"]]\""}'), relmeta.er_diagram('plantuml', tables => '{"\"]]\""}');

-- every line of every format is one that its grammar takes, by our own reading of it; test/suites/diagram.sh asks the real parsers
CREATE FUNCTION bad_lines(diagram text, grammar text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT line FROM regexp_split_to_table(diagram, '\n') line WHERE line <> '' AND line !~ ('^(' || grammar || ')$') $$;
CREATE VIEW model AS
  SELECT tables, columns, intersects FROM (SELECT tables FROM evil UNION ALL SELECT NULL) t, unnest('{none,keys,all}'::text[]) columns, unnest('{f,t}'::bool[]) intersects;
SELECT b FROM model, bad_lines(relmeta.er_diagram('mermaid', 'crows_foot', tables, columns, true, intersects),
  'erDiagram| {4}[A-Za-z]\w*(\["[^"%\\]+"\])? \{| {8}[A-Za-z][\w()\[\]]* [A-Za-z]\w*( (PK|FK|UK)(, (FK|UK))*)?( "[^"%\\]+")?| {4}\}| {4}\w+ (\|\||\|o|\}o|\}\|)(--|\.\.)(\|\||o\||o\{|\|\{) \w+ : "[^"%\\]+"| {4}classDef \w+ \S+| {4}class [\w,]+ \w+') b;
-- => none
SELECT b FROM model, unnest('{crows_foot,uml,min_max}'::text[]) n, bad_lines(relmeta.er_diagram('plantuml', n, tables, columns, true, intersects),
  '@startuml|@enduml|left to right direction|hide circle|hide empty members|entity "([\w .,:()=]|[^\x01-\x7f]|<U\+[0-9A-F]{4}>)+" as \w+ #\w{6};line:\w{6} \{|  \{field\} (\* )?([\w ]|[^\x01-\x7f]|<U\+[0-9A-F]{4}>)+ : [\w (),\[\]]+( <<\w+>>)*|\}|\w+ (\S+(--|\.\.)\S+|"\S+" (--|\.\.) "\S+") \w+ : ([\w .,:()=]|[^\x01-\x7f]|<U\+[0-9A-F]{4}>)+') b;
-- => none
SELECT b FROM model, unnest('{crows_foot,uml,min_max}'::text[]) n, bad_lines(relmeta.er_diagram('dot', n, tables, columns, true, intersects),
  'digraph relmeta \{|\}|\t(graph|node|edge) \[[^]]*\];|\t"\w+" \[label=<<TABLE[^<>]*>(<TR>(<TD[^<>]*>(<(U|B|FONT)[^<>]*>)?([^]<>&"'']|&(amp|lt|gt|quot|#39|#93);)*(</(U|B|FONT)>)?</TD>)+</TR>)+</TABLE>>\];|\t"\w+"(:"t\d+(_\d+)?":e)? -> "\w+"(:"c\d+(_\d+)?":w)? \[label=<([^]<>&"'']|&(amp|lt|gt|quot|#39|#93);|<BR/>|</?[IF][^<>]*>)*>(, \w+=("[^"]*"|[\w.-]+))*\];') b;
-- => none
-- no two crow's feet end at one port, where they would be drawn upon each other
SELECT e[1] FROM model, regexp_matches(relmeta.er_diagram('dot', 'crows_foot', tables, columns, true, intersects), '"\w+":"\w+":[ew]', 'g') e GROUP BY tables, columns, intersects, e[1] HAVING count(*) > 1;
-- => none
SELECT b FROM model, bad_lines(relmeta.er_diagram('dot', 'chen', tables, columns, true, intersects),
  'graph relmeta \{|\}|\t(graph|node|edge) \[[^]]*\];|\t"[\w.]+" \[shape=(box|ellipse|diamond)(, \w+=("[^"]*"|[\w.]+))*, label=<([^]<>&"'']|&(amp|lt|gt|quot|#39|#93);|<BR/>|</?[IUB]>)*>(, \w+=[\w.]+)*\];|\t"\w+" -- "[\w.]+" \[(color="#999999"|label=<<TABLE[^<>]*><TR><TD>[1MN]</TD></TR></TABLE>>(, color="black:invis:black")?(, style=dashed)?)\];') b;
-- => none
SELECT b FROM model, bad_lines(relmeta.er_diagram('dbml', 'crows_foot', tables, columns, true, intersects),
  '//.*|  indexes \{|    \("([^"\\]|\\.)*"(, "([^"\\]|\\.)*")*\) \[pk\]|  \}|Table ("([^"\\]|\\.)*"\.)?"([^"\\]|\\.)*"( \[headercolor: #\w{6}\])? \{|  "([^"\\]|\\.)*" "([^"\\]|\\.)*"( \[[a-z, ]+\])?|\}|Ref "([^"\\]|\\.)*": ("([^"\\]|\\.)*"\.){1,2}"([^"\\]|\\.)*" (<>|>|-) ("([^"\\]|\\.)*"\.){1,2}"([^"\\]|\\.)*"( \[delete: [a-z ]+\])?') b;
-- => none
SELECT b FROM model, bad_lines(relmeta.er_diagram('d2', 'crows_foot', tables, columns, true, intersects),
  '\w+: ''([^'']|'''')*'' \{|  shape: sql_table|  style\.[a-z-]+: ("#\w{6}"|4)|  ''([^'']|'''')*'': ''([^'']|'''')*''( \{constraint: \[[a-z_; ]+\]\})?|\}|\w+(\.''([^'']|'''')*'')? <-> \w+(\.''([^'']|'''')*'')?: ''([^'']|'''')*'' \{|  (source|target)-arrowhead\.shape: cf-(one|many)(-required)?') b;
-- => none
SELECT count(*) FROM model WHERE relmeta.er_diagram('json', 'crows_foot', tables, columns, true, intersects)::jsonb IS NULL;
-- => 0

-- two of the same model are the same
SELECT count(DISTINCT relmeta.er_diagram(f)) FROM unnest('{d2,d2}'::text[]) f;
-- => 1
RESET ROLE;
DROP SCHEMA er, er_evil CASCADE;
DROP ROLE regress_er_owner, regress_er_reader;
