-- reassign_owned: all that a principal owns, given to another

CREATE FUNCTION relmeta.reassign_owned(old_owner text, new_owner text) RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_reassign_owned';
COMMENT ON FUNCTION relmeta.reassign_owned(text, text) IS
'Gives the rows that old_owner owns, in all registered tables, to new_owner, and the related rows as the '
'relationships say. Returns the number of rows that changed owner, cascades included. A table whose owner type '
'cannot hold one of the names is skipped, with a WARNING where old_owner owns rows; whether a domain refuses old_owner by now does not matter. Errors: 42704 no such principal; 22004 an argument is null. Not granted to '
'PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.reassign_owned(text, text) FROM PUBLIC;
