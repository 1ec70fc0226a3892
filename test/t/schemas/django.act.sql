SELECT name, preset FROM relmeta.one_to_many ORDER BY name COLLATE "C";
-- => app_project_app_ticket|referential_restrict
-- => auth_user_app_project|referential_restrict
-- => auth_user_app_ticket|referential_restrict
-- => auth_user_django_admin_log|referential_restrict
-- => django_content_type_auth_permission|referential_restrict
-- => django_content_type_django_admin_log|referential_restrict
SELECT name, table1, table2 FROM relmeta.many_to_many ORDER BY name COLLATE "C";
-- => auth_group_permissions|auth_group|auth_permission
-- => auth_user_groups|auth_user|auth_group
-- the ORM inserts links, and lines before what they point to
INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1);
SELECT relmeta.associated('auth_user_groups', 1, 2) AS k ORDER BY 1;
-- => 1
-- => 2
BEGIN;
INSERT INTO app_ticket (id, title, project_id) VALUES (10, 'early', 77);
INSERT INTO app_project (id, name) VALUES (77, 'late');
COMMIT;
SELECT count(*) FROM app_ticket;
-- => 3
BEGIN;
DELETE FROM app_project WHERE id = 77;
DELETE FROM app_ticket WHERE project_id = 77;
COMMIT;
DELETE FROM app_project WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
-- => 23503
-- its users are the principals, their number is the owner
SELECT relmeta.register_principals('auth_user');
SELECT relmeta.register_table('app_project', 'owner_id');
SELECT relmeta.register_table('app_ticket', 'owner_id');
SELECT relmeta.update_relationship('app_project_app_ticket', assign => 'all', reparent => 'all', share => 'all');
SELECT relmeta.share('app_project', 1, '3');
-- => 3
UPDATE app_project SET owner_id = 2 WHERE id = 1;
SELECT id, owner_id FROM app_ticket ORDER BY id;
-- => 1|2
-- => 2|2
DELETE FROM auth_user WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE
-- => 2BP01
SELECT relmeta.drop_principal('3');
\echo :LAST_ERROR_SQLSTATE
-- => 55000
DELETE FROM auth_user WHERE id = 3;
SELECT * FROM relmeta.principal_object_access;
