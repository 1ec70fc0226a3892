-- associate: links of N:N relationships, and the triggers of intersect tables

CREATE FUNCTION relmeta.trigger_link_order() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_link_order';
COMMENT ON FUNCTION relmeta.trigger_link_order() IS
'trigger on the intersect tables of symmetric relationships, before each insert: puts the pair in order';

CREATE FUNCTION relmeta.trigger_link_updated() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_link_updated';
COMMENT ON FUNCTION relmeta.trigger_link_updated() IS
'trigger on intersect tables, before each update of a key: refuses it (0A000)';

CREATE FUNCTION relmeta.associate(name text, key1 text, key2 text,
  attributes jsonb DEFAULT NULL, if_not_exists boolean DEFAULT false)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_associate';
COMMENT ON FUNCTION relmeta.associate(text, text, text, jsonb, boolean) IS
'Links the row of the first table with key1 and that of the second with key2, as the caller''s own INSERT into '
'the intersect table; attributes gives values of its other columns. Returns the number of links made. Errors: '
'42704 no such relationship, 55000 it is pending, 23505 the pair is linked already (0 with if_not_exists), 23503 '
'no such row, 23514 a row may not be linked with itself, 42703 no such attribute, 22023 attributes is no object, '
'22P02 a key of another type, 42501 the caller may not insert.';

CREATE FUNCTION relmeta.associate(name text, key1 text, key2 "any",
  attributes jsonb DEFAULT NULL, if_not_exists boolean DEFAULT false)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_associate';
COMMENT ON FUNCTION relmeta.associate(text, text, "any", jsonb, boolean) IS
'The same as relmeta.associate(text, text, text, jsonb, boolean), for keys of any type; key2 may be an array, '
'which links all its keys in one statement.';

CREATE FUNCTION relmeta.associate(name text, key1 "any", key2 text,
  attributes jsonb DEFAULT NULL, if_not_exists boolean DEFAULT false)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_associate';
COMMENT ON FUNCTION relmeta.associate(text, "any", text, jsonb, boolean) IS
'The same as relmeta.associate(text, text, text, jsonb, boolean), for keys of any type; key2 may be an array, '
'which links all its keys in one statement.';

CREATE FUNCTION relmeta.associate(name text, key1 "any", key2 "any",
  attributes jsonb DEFAULT NULL, if_not_exists boolean DEFAULT false)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_associate';
COMMENT ON FUNCTION relmeta.associate(text, "any", "any", jsonb, boolean) IS
'The same as relmeta.associate(text, text, text, jsonb, boolean), for keys of any type; key2 may be an array, '
'which links all its keys in one statement.';

CREATE FUNCTION relmeta.disassociate(name text, key1 text, key2 text, attributes jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_disassociate';
COMMENT ON FUNCTION relmeta.disassociate(text, text, text, jsonb) IS
'Removes the links between two rows, all of them or those with these attributes, as the caller''s own DELETE '
'from the intersect table. Returns the number of links removed. Errors: 42704 no such relationship, 55000 it is '
'pending, 42703 no such attribute, 22023 attributes is no object, 22P02 a key of another type, 42501 the caller may '
'not delete.';

CREATE FUNCTION relmeta.disassociate(name text, key1 text, key2 "any", attributes jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_disassociate';
COMMENT ON FUNCTION relmeta.disassociate(text, text, "any", jsonb) IS
'The same as relmeta.disassociate(text, text, text, jsonb), for keys of any type; key2 may be an array.';

CREATE FUNCTION relmeta.disassociate(name text, key1 "any", key2 text, attributes jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_disassociate';
COMMENT ON FUNCTION relmeta.disassociate(text, "any", text, jsonb) IS
'The same as relmeta.disassociate(text, text, text, jsonb), for keys of any type; key2 may be an array.';

CREATE FUNCTION relmeta.disassociate(name text, key1 "any", key2 "any", attributes jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_disassociate';
COMMENT ON FUNCTION relmeta.disassociate(text, "any", "any", jsonb) IS
'The same as relmeta.disassociate(text, text, text, jsonb), for keys of any type; key2 may be an array.';

CREATE FUNCTION relmeta.is_associated(name text, key1 text, key2 text)
RETURNS boolean
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_is_associated';
COMMENT ON FUNCTION relmeta.is_associated(text, text, text) IS
'Whether the row of the first table with key1 is linked with that of the second with key2; either way round in a '
'symmetric relationship; false for rows that are not there, and links that the caller may not read. Errors: 42704 no '
'such relationship, 55000 it is pending, 22P02 a key of another type, 42501 the caller may not select.';

CREATE FUNCTION relmeta.is_associated(name text, key1 text, key2 "any")
RETURNS boolean
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_is_associated';
COMMENT ON FUNCTION relmeta.is_associated(text, text, "any") IS
'The same as relmeta.is_associated(text, text, text), for keys of any type.';

CREATE FUNCTION relmeta.is_associated(name text, key1 "any", key2 text)
RETURNS boolean
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_is_associated';
COMMENT ON FUNCTION relmeta.is_associated(text, "any", text) IS
'The same as relmeta.is_associated(text, text, text), for keys of any type.';

CREATE FUNCTION relmeta.is_associated(name text, key1 "any", key2 "any")
RETURNS boolean
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_is_associated';
COMMENT ON FUNCTION relmeta.is_associated(text, "any", "any") IS
'The same as relmeta.is_associated(text, text, text), for keys of any type.';

CREATE FUNCTION relmeta.associated(name text, key text, side int DEFAULT 1)
RETURNS SETOF text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_associated';
COMMENT ON FUNCTION relmeta.associated(text, text, int) IS
'The keys of the rows that are linked with a row, each once; side (1 or 2) is that of key. Errors: 42704 no such '
'relationship, 55000 it is pending, P0002 no row with that key that the caller may read, 22P02 a key of another type, '
'22023 no such side, 42501 the caller may not select from the intersect table.';

CREATE FUNCTION relmeta.associated(name text, key "any", side int DEFAULT 1)
RETURNS SETOF text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_associated';
COMMENT ON FUNCTION relmeta.associated(text, "any", int) IS
'The same as relmeta.associated(text, text, int), for a key of any type.';

CREATE FUNCTION relmeta.links(name text, key text, side int DEFAULT 1)
RETURNS TABLE (key text, attributes jsonb)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_links';
COMMENT ON FUNCTION relmeta.links(text, text, int) IS
'The links of a row: the other row''s key, and the attributes as an object; side (1 or 2) is that of key. '
'Errors: as of relmeta.associated(text, text, int).';

CREATE FUNCTION relmeta.links(name text, key "any", side int DEFAULT 1)
RETURNS TABLE (key text, attributes jsonb)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_links';
COMMENT ON FUNCTION relmeta.links(text, "any", int) IS
'The same as relmeta.links(text, text, int), for a key of any type.';

CREATE FUNCTION relmeta.associated_with_all(name text, keys text[], side int DEFAULT 1)
RETURNS SETOF text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_associated_with_all';
COMMENT ON FUNCTION relmeta.associated_with_all(text, text[], int) IS
'The keys of the rows of a side (1 or 2) that are linked with every one of keys, which are of the other side; of '
'all rows that the caller may read, when keys is empty. Errors: 42704 no such relationship, 55000 it is pending, '
'22P02 a key of another type, 22023 no such side, 42501 the caller may not select.';
