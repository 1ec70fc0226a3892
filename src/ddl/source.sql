-- sources: an application's own tables of users, teams and memberships

CREATE FUNCTION relmeta.register_principals(relation regclass, kind text DEFAULT 'user') RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_register_principals';
COMMENT ON FUNCTION relmeta.register_principals(regclass, text) IS
'Makes the keys of an application''s table principals of that kind (user or team), in their text form, and keeps '
'them in step by triggers. Users or teams of the same name that were made by hand become those of the table. Calling '
'it again puts right what the triggers may have missed. Deleting or re-keying a row is refused (2BP01) while its '
'principal owns rows. Errors: 42501 the caller does not own the table; 0A000 no table, or no primary key of one '
'column; 42710 a principal of that name is of the other kind or of another table, or the table is registered as the '
'other kind; 23505 a key would be one owner with another principal; 22023 unknown kind; 22004 an argument is null. '
'Not granted to PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.register_principals(regclass, text) FROM PUBLIC;

CREATE FUNCTION relmeta.register_memberships(relation regclass, team_column name, member_column name) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_register_memberships';
COMMENT ON FUNCTION relmeta.register_memberships(regclass, name, name) IS
'Makes member_column''s user a member of team_column''s team, of each row of an application''s table, and keeps that '
'in step by triggers: a user is a member as long as a row of such a table says so, or it was made by hand. A table of '
'users that has a column for their team will do. Calling it again puts right what the triggers may have missed. '
'Errors: 42501 the caller does not own the table; 0A000 no table; 42703 no such column; 23503 a row names no '
'principal; 22023 a row names a user as a team, or a team as a member; 22004 an argument is null. Not granted to '
'PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.register_memberships(regclass, name, name) FROM PUBLIC;
