-- A model whose names no grammar takes as they are (one has a line separator, U+2028), and of every kind of relationship.
CREATE EXTENSION relmeta;
CREATE SCHEMA "other schema";
CREATE TABLE "one" (id int PRIMARY KEY, pk int, "to" int, "FK" int, "1st" int, "a b" int, "a_b" int, "A_B" int);
CREATE TABLE "class" ("end" int PRIMARY KEY, "it's" text, "say ""hi""" text, "back\slash" text, "trailing\" text,
  "per%cent %% {x}" text, "<b>&amp;</b>" text, "#1;${x}" text, "style: direction TB" text, "--" text, "==" text,
  "__init__" text, "**bold**" text, "`tick`" text, "[[link]]" text, "]]" text, "~tilde" text, "!include x" text, "@enduml" text,
  "|o--" text, "''" text, "{" text, "}" text, "method()" numeric(10, 2)[], "null" text, "label" text, "shape" text);
CREATE TABLE "1st ""table""; end" (id int PRIMARY KEY, "class" int NOT NULL, "note.left" int, "日本 é" int,
  "a very long name of sixty-three bytes, which is all that there is" int, "direction" numeric(4, 1));
CREATE TABLE account (id int PRIMARY KEY);
CREATE TABLE "Account" (id int PRIMARY KEY, "ID" int UNIQUE);
CREATE TABLE "other schema".account (id uuid PRIMARY KEY);
CREATE TABLE "note" (id int PRIMARY KEY, ref int, ref_type text);
CREATE TABLE "direction TB" (id int PRIMARY KEY);
CREATE TABLE "end" (id int PRIMARY KEY);
CREATE TABLE "trailing\" (id int PRIMARY KEY);
CREATE TABLE "日本" (id int PRIMARY KEY);
CREATE TABLE "*/ // -- %%" (id int PRIMARY KEY);
CREATE TABLE "]]" ("]" int PRIMARY KEY);
SELECT relmeta.register_table('"trailing\"', is_system => true), relmeta.register_table('"日本"'),
  relmeta.register_table('"*/ // -- %%"'), relmeta.register_table('"]]"');
SELECT relmeta.create_one_to_many('"one"', '"class"', '1st "lookup"', 'say "a"; %b% \ <b> #1; end');
SELECT relmeta.create_one_to_many('"class"', '"1st ""table""; end"', 'class', 'class', delete => 'all',
  merge => 'none', rollup_view => 'active');
SELECT relmeta.create_one_to_many('"one"', '"one"', 'to', 'to', is_hierarchical => true);
SELECT relmeta.create_one_to_many('account', '"Account"', 'ID', 'it''s \ "1:1"');
SELECT relmeta.create_one_to_many('"end"', 'account', 'style', 'style x:#y; z');
SELECT relmeta.create_one_to_many('"other schema".account', '"direction TB"', 'class', 'classDef: direction TB #a;');
SELECT relmeta.create_multi_table_lookup('note', 'ref', '{account,"\"end\"","\"trailing\\\""}', type_column => 'ref_type');
SELECT relmeta.create_many_to_many('"one"', '"1st ""table""; end"', 'direction TB', '"one } end"');
SELECT relmeta.create_many_to_many('"one"', '"one"', 'self', is_symmetric => true);
SELECT relmeta.create_many_to_many('account', '"日本"', 'first', attributes => '"pk" text, "since ""when""" date');
SELECT relmeta.create_many_to_many('"日本"', 'account', 'second');
SELECT relmeta.enable_access_control('"class"'), relmeta.enable_access_control('"trailing\"');
