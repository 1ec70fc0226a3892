-- share: direct grants and their cascades

CREATE FUNCTION relmeta.share(relation regclass, key text, principal text,
  rights relmeta.access_right[] DEFAULT '{read}')
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_share';
COMMENT ON FUNCTION relmeta.share(regclass, text, text, relmeta.access_right[]) IS
'Adds rights of a principal, a user or a team, on the row of relation with this key, and on the related rows as the relationships say. The caller must own the table, bypass row-level security or hold share on the row. Returns the number of pairs (row, principal) whose stored rights changed, cascades included; 0 when they are held already. Errors: P0002 no such row, or none that the caller may read, 42704 relation is not registered, or no such principal, 22023 the principal owns the row or is no value of the owner''s type, 42501 the caller may not share the row or does not hold these rights, 22P02 an unknown right or a key of another type.';

CREATE FUNCTION relmeta.share(relation regclass, key "any", principal text,
  rights relmeta.access_right[] DEFAULT '{read}')
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_share';
COMMENT ON FUNCTION relmeta.share(regclass, "any", text, relmeta.access_right[]) IS
'The same as relmeta.share(regclass, text, ...), for a key of any type.';

CREATE FUNCTION relmeta.modify_share(relation regclass, key text, principal text, rights relmeta.access_right[])
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_modify_share';
COMMENT ON FUNCTION relmeta.modify_share(regclass, text, text, relmeta.access_right[]) IS
'Replaces the direct rights of a principal on a row; an empty array removes the grant. Rights gained and lost go down to the related rows as share and unshare do. Returns the number of pairs (row, principal) whose stored rights changed. Errors: P0002 no such row, or none that the caller may read, 42704 relation is not registered, or no such principal, 22023 the principal owns the row or is no value of the owner''s type (from one that a domain refuses by now rights may be taken), 42501 the caller may not share the row or does not hold these rights, 22P02 an unknown right or a key of another type.';

CREATE FUNCTION relmeta.modify_share(relation regclass, key "any", principal text, rights relmeta.access_right[])
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_modify_share';
COMMENT ON FUNCTION relmeta.modify_share(regclass, "any", text, relmeta.access_right[]) IS
'The same as relmeta.modify_share(regclass, text, ...), for a key of any type.';

CREATE FUNCTION relmeta.unshare(relation regclass, key text, principal text,
  rights relmeta.access_right[] DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_unshare';
COMMENT ON FUNCTION relmeta.unshare(regclass, text, text, relmeta.access_right[]) IS
'Removes all direct rights of a principal on a row, or these, and what the related rows inherited by them as the relationships say. A principal may always unshare itself, in a session under a cap from rights that this includes. Returns the number of pairs (row, principal) whose stored rights changed; 0 when nothing was held directly. Errors: P0002 no such row, or none that the caller may read, 42704 relation is not registered, or no such principal, 22023 it is no value of the owner''s type (one that a domain refuses by now is unshared as ever), 42501 the caller may not unshare the row, 22P02 an unknown right or a key of another type.';

CREATE FUNCTION relmeta.unshare(relation regclass, key "any", principal text,
  rights relmeta.access_right[] DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_unshare';
COMMENT ON FUNCTION relmeta.unshare(regclass, "any", text, relmeta.access_right[]) IS
'The same as relmeta.unshare(regclass, text, ...), for a key of any type.';

CREATE FUNCTION relmeta.share_many(relation regclass, keys text[], principals text[],
  rights relmeta.access_right[] DEFAULT '{read}')
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_share_many';
COMMENT ON FUNCTION relmeta.share_many(regclass, text[], text[], relmeta.access_right[]) IS
'Shares each of the rows with each of the principals, in one statement; all or nothing. Returns and raises what relmeta.share() does.';

CREATE FUNCTION relmeta.unshare_many(relation regclass, keys text[], principals text[],
  rights relmeta.access_right[] DEFAULT NULL)
RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_unshare_many';
COMMENT ON FUNCTION relmeta.unshare_many(regclass, text[], text[], relmeta.access_right[]) IS
'Removes all direct rights, or these, of each of the principals on each of the rows, in one statement; all or nothing. Returns and raises what relmeta.unshare() does.';

CREATE FUNCTION relmeta.revoke_all(principal text) RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_revoke_all';
REVOKE EXECUTE ON FUNCTION relmeta.revoke_all(text) FROM PUBLIC;
COMMENT ON FUNCTION relmeta.revoke_all(text) IS
'Removes every direct grant of a principal in every table, as relmeta.unshare() does. Returns the number of pairs (row, principal) whose stored rights changed. Not granted to PUBLIC. Errors: 42704 no such principal.';
