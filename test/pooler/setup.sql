-- An application's database behind a pooler: users of the application, who are no roles, and three ways to act as them.
CREATE EXTENSION relmeta;
CREATE TABLE app_user (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text UNIQUE);
SELECT relmeta.register_principals('app_user');
INSERT INTO app_user (id, email) VALUES ('11111111-1111-1111-1111-111111111111', 'ann@example.org'), ('22222222-2222-2222-2222-222222222222', 'bob@example.org');
CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text, owner uuid);
SELECT relmeta.register_table('note', 'owner', default_owner => true);
INSERT INTO note (body, owner) SELECT email || ' ' || i, id FROM app_user, generate_series(1, 3) AS i ORDER BY email, i;
SELECT relmeta.enable_access_control('note');

-- 1. the pooler's role may call act_as
CREATE ROLE pooler_act LOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON note TO pooler_act;
GRANT EXECUTE ON FUNCTION relmeta.act_as TO pooler_act;
-- 2. the pooler's role may set the parameter: SET LOCAL relmeta.principal = ...
CREATE ROLE pooler_set LOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON note TO pooler_set;
GRANT SET ON PARAMETER relmeta.principal TO pooler_set;
-- 3. as PostgREST does: the authenticator becomes the role of the token, and calls a function before each request
CREATE ROLE pooler_authenticator LOGIN NOINHERIT;
CREATE ROLE pooler_web;
GRANT pooler_web TO pooler_authenticator;
GRANT SELECT, INSERT, UPDATE, DELETE ON note TO pooler_web;
CREATE FUNCTION pre_request() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM relmeta.act_as(pg_catalog.current_setting('request.jwt.claims', true)::json ->> 'sub');
END $$;
REVOKE EXECUTE ON FUNCTION pre_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pre_request TO pooler_web;
