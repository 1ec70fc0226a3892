-- ddl: 1:N relationships.

CREATE FUNCTION relmeta.create_one_to_many(
  primary_table regclass, related_table regclass, lookup_column name, name text DEFAULT NULL,
  preset text DEFAULT 'referential',
  assign relmeta.behavior DEFAULT NULL, reparent relmeta.behavior DEFAULT NULL,
  share relmeta.behavior DEFAULT NULL, unshare relmeta.behavior DEFAULT NULL,
  delete relmeta.behavior DEFAULT NULL, merge relmeta.behavior DEFAULT NULL,
  rollup_view relmeta.behavior DEFAULT NULL,
  is_hierarchical boolean DEFAULT false, required boolean DEFAULT false, foreign_key boolean DEFAULT true,
  if_not_exists boolean DEFAULT false)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_create_one_to_many';
COMMENT ON FUNCTION relmeta.create_one_to_many(regclass, regclass, name, text, text,
  relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior,
  relmeta.behavior, boolean, boolean, boolean, boolean) IS
'declares a 1:N relationship: primary_table is the one, lookup_column of related_table points to it; returns its name;
preset: parental, referential or referential_restrict; the actions override it;
makes the lookup column, its index and its foreign key where they are missing, or adopts them and brings ON DELETE in
line; foreign_key => false: relmeta guards the lookup; required: NOT NULL; is_hierarchical: a table''s own hierarchy,
without loops; if_not_exists: returns the name of the one that these tables and this lookup have;
errors: 42501 not the owner of both, 42710 exists already, 42P17 a rule of relationships, 22023 a behavior not
allowed or an unknown preset, 0A000 a table that cannot be registered,
42804 a lookup of another type than the key, or of a collation that calls other values equal, 23503 orphans';

CREATE FUNCTION relmeta.create_multi_table_lookup(
  related_table regclass, lookup_column name, primary_tables regclass[],
  type_column name DEFAULT NULL, type_values text[] DEFAULT NULL,
  preset text DEFAULT 'referential',
  assign relmeta.behavior DEFAULT NULL, reparent relmeta.behavior DEFAULT NULL,
  share relmeta.behavior DEFAULT NULL, unshare relmeta.behavior DEFAULT NULL,
  delete relmeta.behavior DEFAULT NULL, merge relmeta.behavior DEFAULT NULL,
  rollup_view relmeta.behavior DEFAULT NULL,
  required boolean DEFAULT false, if_not_exists boolean DEFAULT false, names text[] DEFAULT NULL)
RETURNS text[]
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_create_multi_table_lookup';
COMMENT ON FUNCTION relmeta.create_multi_table_lookup(regclass, name, regclass[], name, text[], text,
  relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior,
  relmeta.behavior, boolean, boolean, text[]) IS
'declares a lookup that points to rows of several tables: a key and a type column, made or adopted;
one relationship per table, guarded by relmeta; returns their names in the order of primary_tables;
type_column: by default the lookup without _id, plus _type; type_values: by default the tables'' unqualified names;
preset and the actions, required, if_not_exists: as create_one_to_many, of all of them; names: of the relationships;
errors: as create_one_to_many; 22023 no tables, or not as many type_values; 42804 key types that differ,
23514 rows that are half-set or of another type';

CREATE FUNCTION relmeta.add_lookup_target(
  related_table regclass, lookup_column name, primary_table regclass, type_value text DEFAULT NULL,
  preset text DEFAULT 'referential',
  assign relmeta.behavior DEFAULT NULL, reparent relmeta.behavior DEFAULT NULL,
  share relmeta.behavior DEFAULT NULL, unshare relmeta.behavior DEFAULT NULL,
  delete relmeta.behavior DEFAULT NULL, merge relmeta.behavior DEFAULT NULL,
  rollup_view relmeta.behavior DEFAULT NULL,
  if_not_exists boolean DEFAULT false, name text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_add_lookup_target';
COMMENT ON FUNCTION relmeta.add_lookup_target(regclass, name, regclass, text, text,
  relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior,
  relmeta.behavior, boolean, text) IS
'adds a table to those that a multi-table lookup points to; returns the name of the relationship;
type_value: by default the table''s unqualified name; preset and the actions, if_not_exists: as create_one_to_many;
errors: as create_multi_table_lookup; 42704 not a multi-table lookup';

CREATE FUNCTION relmeta.update_relationship(
  name text,
  assign relmeta.behavior DEFAULT NULL, reparent relmeta.behavior DEFAULT NULL,
  share relmeta.behavior DEFAULT NULL, unshare relmeta.behavior DEFAULT NULL,
  delete relmeta.behavior DEFAULT NULL, merge relmeta.behavior DEFAULT NULL,
  rollup_view relmeta.behavior DEFAULT NULL,
  revoke_inherited boolean DEFAULT true)
RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_update_relationship';
COMMENT ON FUNCTION relmeta.update_relationship(text,
  relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior, relmeta.behavior,
  relmeta.behavior, boolean) IS
'changes what a 1:N relationship does on the actions given (NULL: as it is); ON DELETE of its foreign key follows;
returns the id of the job that revokes what share or reparent had related rows inherit and no longer do, or NULL;
revoke_inherited => false: no job, what was inherited stays;
errors: 42501 not the owner of both tables, 42704 no such relationship, 42P17 and 22023 as create_one_to_many';

CREATE FUNCTION relmeta.drop_relationship(name text, drop_storage boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_drop_relationship';
COMMENT ON FUNCTION relmeta.drop_relationship(text, boolean) IS
'forgets a relationship; columns, indexes, foreign keys and intersect tables stay;
drop_storage: the lookup column (and type column, with the last target), or the intersect table, go too;
errors: 42501 not the owner of the tables, 42704 no such relationship, 55000 storage that something else uses';

CREATE VIEW relmeta.one_to_many AS
SELECT r.name, r.primary_table, p.key_column AS primary_key, r.related_table, r.lookup_column, r.type_column,
       r.assign, r.reparent, r.share, r.unshare, r.delete, r.merge, r.rollup_view,
       CASE WHEN r.merge = 'all' AND r.rollup_view = 'none' THEN
              CASE WHEN r.assign = 'all' AND r.reparent = 'all' AND r.share = 'all' AND r.unshare = 'all'
                        AND r.delete = 'all' THEN 'parental'
                   WHEN r.assign = 'none' AND r.reparent = 'none' AND r.share = 'none' AND r.unshare = 'none' THEN
                     CASE r.delete WHEN 'remove_link' THEN 'referential'
                                   WHEN 'restrict' THEN 'referential_restrict'
                                   ELSE 'custom' END
                   ELSE 'custom' END
            ELSE 'custom' END AS preset,
       r.assign <> 'none' OR r.reparent <> 'none' OR r.share <> 'none' OR r.unshare <> 'none'
         OR r.delete = 'all' AS is_parental,
       r.is_hierarchical,
       coalesce(p.is_system AND c.is_system, false) AS is_system
FROM relmeta.relationship r
     LEFT JOIN relmeta.registered_table p ON p.relation = r.primary_table
     LEFT JOIN relmeta.registered_table c ON c.relation = r.related_table;
COMMENT ON VIEW relmeta.one_to_many IS '1:N relationships, seen from the primary table';
COMMENT ON COLUMN relmeta.one_to_many.name IS 'by which functions are told it, and errors tell it';
COMMENT ON COLUMN relmeta.one_to_many.primary_table IS 'the table of the "one", whose key the lookup holds';
COMMENT ON COLUMN relmeta.one_to_many.primary_key IS 'its primary key, of one column';
COMMENT ON COLUMN relmeta.one_to_many.related_table IS 'the table of the "many", which has the lookup';
COMMENT ON COLUMN relmeta.one_to_many.lookup_column IS
'column of the related table that points to a primary row, or is NULL';
COMMENT ON COLUMN relmeta.one_to_many.type_column IS
'of a multi-table lookup the column that says to which table''s row it points, else NULL';
COMMENT ON COLUMN relmeta.one_to_many.assign IS
'which related rows get a new owner with their primary row: none, all, active ones, or (user_owned) those of its former owner';
COMMENT ON COLUMN relmeta.one_to_many.reparent IS
'which rows inherit, once they point to a primary row, what is held on it: none, all, active ones, or those of its owner';
COMMENT ON COLUMN relmeta.one_to_many.share IS
'which related rows inherit what is shared of their primary row: as reparent';
COMMENT ON COLUMN relmeta.one_to_many.unshare IS
'which related rows lose again what is no longer shared of it: as reparent';
COMMENT ON COLUMN relmeta.one_to_many.delete IS
'what becomes of related rows when their primary row is deleted: all, they are as well; remove_link, their lookup becomes NULL; restrict, it is refused';
COMMENT ON COLUMN relmeta.one_to_many.merge IS
'all: a merge gives the master the related rows of the subordinate; none: they stay';
COMMENT ON COLUMN relmeta.one_to_many.rollup_view IS
'through which related rows rollup() goes on to what is related to them: as reparent';
COMMENT ON COLUMN relmeta.one_to_many.preset IS
'parental, referential or referential_restrict, if the seven behaviors are those of one; else custom';
COMMENT ON COLUMN relmeta.one_to_many.is_parental IS
'is one of assign, reparent, share and unshare not none, or delete all?';
COMMENT ON COLUMN relmeta.one_to_many.is_hierarchical IS
'is it the hierarchy of a table with itself that hierarchy_above() and hierarchy_under() walk?';
COMMENT ON COLUMN relmeta.one_to_many.is_system IS 'are both tables system tables?';

CREATE VIEW relmeta.many_to_one AS
SELECT name, related_table, lookup_column, type_column, primary_table, primary_key,
       assign, reparent, share, unshare, delete, merge, rollup_view, preset, is_parental, is_hierarchical, is_system
FROM relmeta.one_to_many;
COMMENT ON VIEW relmeta.many_to_one IS '1:N relationships, seen from the related table';
COMMENT ON COLUMN relmeta.many_to_one.name IS 'by which functions are told it, and errors tell it';
COMMENT ON COLUMN relmeta.many_to_one.related_table IS 'the table of the "many", which has the lookup';
COMMENT ON COLUMN relmeta.many_to_one.lookup_column IS
'column of the related table that points to a primary row, or is NULL';
COMMENT ON COLUMN relmeta.many_to_one.type_column IS
'of a multi-table lookup the column that says to which table''s row it points, else NULL';
COMMENT ON COLUMN relmeta.many_to_one.primary_table IS 'the table of the "one", whose key the lookup holds';
COMMENT ON COLUMN relmeta.many_to_one.primary_key IS 'its primary key, of one column';
COMMENT ON COLUMN relmeta.many_to_one.assign IS
'which related rows get a new owner with their primary row: none, all, active ones, or (user_owned) those of its former owner';
COMMENT ON COLUMN relmeta.many_to_one.reparent IS
'which rows inherit, once they point to a primary row, what is held on it: none, all, active ones, or those of its owner';
COMMENT ON COLUMN relmeta.many_to_one.share IS
'which related rows inherit what is shared of their primary row: as reparent';
COMMENT ON COLUMN relmeta.many_to_one.unshare IS
'which related rows lose again what is no longer shared of it: as reparent';
COMMENT ON COLUMN relmeta.many_to_one.delete IS
'what becomes of related rows when their primary row is deleted: all, they are as well; remove_link, their lookup becomes NULL; restrict, it is refused';
COMMENT ON COLUMN relmeta.many_to_one.merge IS
'all: a merge gives the master the related rows of the subordinate; none: they stay';
COMMENT ON COLUMN relmeta.many_to_one.rollup_view IS
'through which related rows rollup() goes on to what is related to them: as reparent';
COMMENT ON COLUMN relmeta.many_to_one.preset IS
'parental, referential or referential_restrict, if the seven behaviors are those of one; else custom';
COMMENT ON COLUMN relmeta.many_to_one.is_parental IS
'is one of assign, reparent, share and unshare not none, or delete all?';
COMMENT ON COLUMN relmeta.many_to_one.is_hierarchical IS
'is it the hierarchy of a table with itself that hierarchy_above() and hierarchy_under() walk?';
COMMENT ON COLUMN relmeta.many_to_one.is_system IS 'are both tables system tables?';

GRANT SELECT ON relmeta.one_to_many, relmeta.many_to_one TO PUBLIC;

CREATE FUNCTION relmeta.find_adoptable(OUT kind text, OUT relation regclass, OUT call text,
  OUT problem text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_find_adoptable';
COMMENT ON FUNCTION relmeta.find_adoptable() IS
'the rows of relmeta.adoptable: the caller''s foreign keys and junction tables that no relationship knows';

CREATE VIEW relmeta.adoptable AS
SELECT kind, relation, call, problem FROM relmeta.find_adoptable();
COMMENT ON VIEW relmeta.adoptable IS
'foreign keys (one_to_many) and junction tables (many_to_many) of one''s own that no relationship knows yet,
each with the call that adopts it as it is, or, without a call, with the problem that there is;
all calls can be executed one after the other';
COMMENT ON COLUMN relmeta.adoptable.kind IS 'one_to_many: a foreign key; many_to_many: a junction table';
COMMENT ON COLUMN relmeta.adoptable.relation IS 'the table that has the foreign key, or is the junction';
COMMENT ON COLUMN relmeta.adoptable.call IS 'SELECT that adopts it; NULL where none does';
COMMENT ON COLUMN relmeta.adoptable.problem IS 'why none does; NULL where one does';
GRANT SELECT ON relmeta.adoptable TO PUBLIC;
