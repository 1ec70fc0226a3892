-- preview: what an action would change

CREATE FUNCTION relmeta.preview(action text, relation regclass, key text, principal text DEFAULT NULL,
  rights relmeta.access_right[] DEFAULT '{read}', relationship text DEFAULT NULL, other_key text DEFAULT NULL)
RETURNS TABLE (depth int, relationship text, related_table regclass, behavior relmeta.behavior, effect text,
  rows bigint)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_preview';
COMMENT ON FUNCTION relmeta.preview(text, regclass, text, text, relmeta.access_right[], text, text) IS
'What an action on a row would change, without doing it: a row per level, relationship and effect, with the number of rows. '
'action: assign (principal: the new owner), share or unshare (principal, rights; NULL: all), reparent (relationship, other_key: the '
'new primary row, NULL: none), delete or merge (other_key: the subordinate; a row without a table is for connections). effect: '
'reassigned, shared, unshared, inherits, loses, deleted, link removed, repointed, dropped or blocked; depth 0 is the row '
'itself. Needs what the action needs. Errors: P0002 no such row, 22023 an action that cannot be previewed or lacks an '
'argument, 42704 relation is not registered, no such principal or relationship, 0A000 assign of a table without owner column, 22P02 a '
'key of another type, 23514 a row that would come above itself, 55000 two rows that merge() refuses, 42501.';

CREATE FUNCTION relmeta.preview(action text, relation regclass, key "any", principal text DEFAULT NULL,
  rights relmeta.access_right[] DEFAULT '{read}', relationship text DEFAULT NULL, other_key text DEFAULT NULL)
RETURNS TABLE (depth int, relationship text, related_table regclass, behavior relmeta.behavior, effect text,
  rows bigint)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_preview';
COMMENT ON FUNCTION relmeta.preview(text, regclass, "any", text, relmeta.access_right[], text, text) IS
'The same as relmeta.preview(text, regclass, text, ...), for a key of any type.';
