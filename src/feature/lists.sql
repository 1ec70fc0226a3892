-- lists: the associated lists of a row, and which tables can take part in relationships.  SEMANTICS 2.7, 3.7

CREATE TABLE relmeta.menu (
  relationship_id int REFERENCES relmeta.relationship ON DELETE CASCADE,
  intersect_id    int REFERENCES relmeta.intersect_relationship ON DELETE CASCADE,
  side            int NOT NULL CHECK (side IN (1, 2)),    -- of the row that shows the list
  display         text NOT NULL CHECK (display IN ('collection_name', 'label', 'none')),
  label           text,
  menu_group      text,
  menu_order      int,
  UNIQUE (relationship_id, side),
  UNIQUE (intersect_id, side),
  CHECK (pg_catalog.num_nonnulls(relationship_id, intersect_id) = 1)
);
COMMENT ON TABLE relmeta.menu IS 'how associated lists are shown, where it was said';
SELECT pg_catalog.pg_extension_config_dump('relmeta.menu', '');
-- as of relmeta.column_mapping
ALTER TABLE relmeta.menu DISABLE TRIGGER ALL;
GRANT SELECT ON relmeta.menu TO PUBLIC;

CREATE VIEW relmeta.menus AS
SELECT coalesce(r.name, i.name) AS relationship, m.side, m.display, m.label, m.menu_group, m.menu_order
FROM relmeta.menu AS m LEFT JOIN relmeta.relationship AS r USING (relationship_id)
  LEFT JOIN relmeta.intersect_relationship AS i ON i.relationship_id = m.intersect_id;
COMMENT ON VIEW relmeta.menus IS
'how the associated lists of relationships, 1:N and N:N, are shown, where set_menu() has said so; side: 1 on rows of the '
'primary or first table, 2 on rows of the second';
COMMENT ON COLUMN relmeta.menus.relationship IS 'name of the relationship, 1:N or N:N';
COMMENT ON COLUMN relmeta.menus.side IS
'on which rows the list is shown: 1, those of the primary or first table; 2, those of the second';
COMMENT ON COLUMN relmeta.menus.display IS
'collection_name: under the name of the table that is listed; label: under the label; none: not at all';
COMMENT ON COLUMN relmeta.menus.label IS 'what the list is called where display is label';
COMMENT ON COLUMN relmeta.menus.menu_group IS 'the application''s';
COMMENT ON COLUMN relmeta.menus.menu_order IS 'lists are in the order of this number';
GRANT SELECT ON relmeta.menus TO PUBLIC;

CREATE FUNCTION relmeta.set_menu(relationship text, side int, display text DEFAULT 'collection_name',
  label text DEFAULT NULL, menu_group text DEFAULT NULL, menu_order int DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_set_menu';
COMMENT ON FUNCTION relmeta.set_menu(text, int, text, text, text, int) IS
'Says how the list of a relationship''s rows is shown on a row of one side: 1 the primary or first table, 2 the second of a '
'many-to-many relationship. display: collection_name, the name of the table that is listed; label, the label; none, not at all. Lists are '
'in the order of menu_order; menu_group is the application''s. Replaces what was said before. Errors: 42501 not the owner of both tables, 42704 no such '
'relationship, 55000 it is pending, 22023 no such side or display, or no label.';

CREATE FUNCTION relmeta.related(relation regclass, key text)
RETURNS TABLE (relationship text, related_table regclass, label text, menu_order int, rows bigint)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_related';
COMMENT ON FUNCTION relmeta.related(regclass, text) IS
'The associated lists of a row: each 1:N relationship in which it is the primary row and each many-to-many relationship of its '
'table, with the number of related rows that the caller may read, 0 too, in the order of the menu; those that set_menu() '
'does not display are left out. rows is null, with a NOTICE, where policies of another owner than the '
'table''s decide, or something of his fails. Of a many-to-many relationship of a table with itself there is a list per side, or one '
'if it is symmetric. Errors: 42704 relation takes part in no relationship, P0002 no row with that key that the caller may '
'read, 22P02 a key of another type.';

CREATE FUNCTION relmeta.related(relation regclass, key "any")
RETURNS TABLE (relationship text, related_table regclass, label text, menu_order int, rows bigint)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_related';
COMMENT ON FUNCTION relmeta.related(regclass, "any") IS
'The same as relmeta.related(regclass, text), for a key of any type.';

CREATE FUNCTION relmeta.can_be_referenced(relation regclass) RETURNS boolean
LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'relmeta_can_be_referenced';
COMMENT ON FUNCTION relmeta.can_be_referenced(regclass) IS
'Can the table be the primary table of a 1:N relationship? An ordinary or partitioned table with a primary key of one column '
'whose type can be a key''s.';

CREATE FUNCTION relmeta.can_be_referencing(relation regclass) RETURNS boolean
LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'relmeta_can_be_referencing';
COMMENT ON FUNCTION relmeta.can_be_referencing(regclass) IS
'Can the table be the related table of a 1:N relationship? As relmeta.can_be_referenced(); an intersect table that relmeta '
'made cannot.';

CREATE FUNCTION relmeta.can_many_to_many(relation regclass) RETURNS boolean
LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'relmeta_can_many_to_many';
COMMENT ON FUNCTION relmeta.can_many_to_many(regclass) IS
'Can the table take part in a many-to-many relationship? A table, a partition too, with a primary key of one column; an '
'intersect table that relmeta made cannot.';

CREATE FUNCTION relmeta.valid_referenced_tables() RETURNS SETOF regclass
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_valid_referenced_tables';
COMMENT ON FUNCTION relmeta.valid_referenced_tables() IS
'The tables that the caller may make the primary table of a 1:N relationship: his own, of which relmeta.can_be_referenced() '
'is true.';

CREATE FUNCTION relmeta.valid_referencing_tables() RETURNS SETOF regclass
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_valid_referencing_tables';
COMMENT ON FUNCTION relmeta.valid_referencing_tables() IS
'The tables that the caller may make the related table of a 1:N relationship: his own, of which relmeta.can_be_referencing() '
'is true.';

CREATE FUNCTION relmeta.valid_many_to_many_tables() RETURNS SETOF regclass
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_valid_many_to_many_tables';
COMMENT ON FUNCTION relmeta.valid_many_to_many_tables() IS
'The tables that the caller may have take part in a many-to-many relationship: those that he may reference, of which '
'relmeta.can_many_to_many() is true.';

