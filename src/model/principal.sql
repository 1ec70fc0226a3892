-- principals: users, teams and their members; who the current one is

CREATE VIEW relmeta.principals AS
  SELECT p.principal, p.kind, (SELECT r.role FROM relmeta.principal_role AS r WHERE r.principal = p.principal) AS role,
         ARRAY(SELECT DISTINCT m.team FROM relmeta.team_member AS m WHERE m.member = p.principal AND p.kind = 'user'
               AND (SELECT t.kind FROM relmeta.principal AS t WHERE t.principal = m.team) = 'team' ORDER BY m.team
         ) AS teams
  FROM relmeta.principal AS p;
COMMENT ON VIEW relmeta.principals IS
'all principals: name, kind (user or team), the role of a user who has one, and the teams that a user is a member of';
COMMENT ON COLUMN relmeta.principals.principal IS 'name: an application''s user or team id, in its text form';
COMMENT ON COLUMN relmeta.principals.kind IS 'user or team';
COMMENT ON COLUMN relmeta.principals.role IS 'database role that is this user, when relmeta.principal is not set';
COMMENT ON COLUMN relmeta.principals.teams IS 'teams that the user is a member of; empty for none, and for a team';
GRANT SELECT ON relmeta.principals TO PUBLIC;

CREATE FUNCTION relmeta.create_user(principal text, role regrole DEFAULT NULL, if_not_exists boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_create_user';
COMMENT ON FUNCTION relmeta.create_user(text, regrole, boolean) IS
'Makes a user. role: the database role that is this user whenever relmeta.principal is not set. if_not_exists: a '
'user of that name is left as it is, or gets the role, if it has none. Errors: 42710 the name is taken, by a user or a team, or '
'the role belongs to another user; 23505 it would be one owner with another principal in the type of an owner '
'column; 42704 no such role; 22004 principal is null; 22023 it is empty or longer than 1024 bytes. Not granted to PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.create_user(text, regrole, boolean) FROM PUBLIC;

CREATE FUNCTION relmeta.create_team(principal text, if_not_exists boolean DEFAULT false) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_create_team';
COMMENT ON FUNCTION relmeta.create_team(text, boolean) IS
'Makes a team. if_not_exists: a team of that name is left as it is. Errors: 42710 the name is taken, by a user or a '
'team; 23505 it would be one owner with another principal in the type of an owner column; 22004 principal is null; '
'22023 it is empty or longer than 1024 bytes. Not granted to PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.create_team(text, boolean) FROM PUBLIC;

CREATE FUNCTION relmeta.add_team_member(team text, member text) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_add_team_member';
COMMENT ON FUNCTION relmeta.add_team_member(text, text) IS
'Makes a user a member of a team; one that is already stays so, also when a table given to register_memberships says '
'so no more. Errors: 42704 no such principal; 22023 team is not a team, or member not a user; 22004 an argument is '
'null. Not granted to PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.add_team_member(text, text) FROM PUBLIC;

CREATE FUNCTION relmeta.remove_team_member(team text, member text) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_remove_team_member';
COMMENT ON FUNCTION relmeta.remove_team_member(text, text) IS
'Ends a membership that was made by hand; does nothing when there is none. Errors: 42704 no such principal; 55000 a '
'table given to register_memberships says so: delete its row; 22004 an argument is null. Not granted to PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.remove_team_member(text, text) FROM PUBLIC;

CREATE FUNCTION relmeta.drop_principal(principal text) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_drop_principal';
COMMENT ON FUNCTION relmeta.drop_principal(text) IS
'Drops a user or team, its memberships and what was granted to it. Errors: 42704 no such principal; 2BP01 it owns '
'rows of a registered table: reassign_owned() first; 55000 it is a row of a table given to register_principals: '
'delete that row; 22004 principal is null. Not granted to PUBLIC.';
REVOKE EXECUTE ON FUNCTION relmeta.drop_principal(text) FROM PUBLIC;

CREATE FUNCTION relmeta.current_principal() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'relmeta_current_principal';
COMMENT ON FUNCTION relmeta.current_principal() IS
'The current principal: the setting relmeta.principal (NULL when it names nobody) or, when that is empty, the user '
'whose role is the current user, or NULL.';

CREATE FUNCTION relmeta.current_principals() RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'relmeta_current_principals';
COMMENT ON FUNCTION relmeta.current_principals() IS
'The current principal, first, and the teams that it is a member of; empty when there is none.';

-- Executable by everyone: the owner of a table makes its triggers when a dump is restored.
CREATE FUNCTION relmeta.trigger_source_changed() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_source_changed';
COMMENT ON FUNCTION relmeta.trigger_source_changed() IS
'trigger on tables given to register_principals and register_memberships: keeps principals and memberships in step '
'with the rows';
