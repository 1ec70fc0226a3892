-- dataverse_real: definitions of real Dataverse solutions are imported: each gives one row, with a reason, and the tables work.
-- RELMETA_DATAVERSE names the folder; without it, the one beside the checkout is taken; without that, nothing is done.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT setting LIKE '%--with-libxml%' AS has_xml FROM pg_config WHERE name = 'CONFIGURE' \gset
\getenv folder RELMETA_DATAVERSE
\getenv abs_srcdir PG_ABS_SRCDIR
\if :{?folder}
\else
\set folder :abs_srcdir '/../shared/data/dataverse'
\endif
\setenv FOLDER :folder
\set found `test -d "$FOLDER/xrmmockup" && echo true || echo false`
SELECT :'has_xml'::boolean AND :'found'::boolean AS run \gset
\if :run
\else
\echo skipped: no Dataverse definitions (see RELMETA_DATAVERSE), or no libxml
\quit
\endif
CREATE ROLE regress_real;
CREATE SCHEMA real AUTHORIZATION regress_real;
CREATE SCHEMA folder AUTHORIZATION regress_real;
GRANT EXECUTE ON FUNCTION relmeta.create_user(text, regrole, boolean) TO regress_real;
SET ROLE regress_real;
SET search_path = real;

-- 274 relationships of the Web API
\set doc `cat "$FOLDER/xrmmockup/RelationshipDefinitions.json"`
CREATE TABLE definition AS SELECT e ->> 'SchemaName' AS name, e FROM jsonb_array_elements(:'doc'::jsonb -> 'value') AS e;
CREATE TABLE result AS SELECT * FROM relmeta.import_metadata(:'doc', create_tables => true);
SELECT count(*), count(r.object), count(DISTINCT r.object) FROM definition AS d FULL JOIN result AS r ON r.object = d.name;
-- => 274|274|274
SELECT action, regexp_replace(regexp_replace(detail, '^(created|modified|owning|owner)\w*|with .*', ''), '.* is made.*', 'made'), count(*)
FROM result WHERE action <> 'created' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM result WHERE action = 'created';
-- => 252
-- the plain ones: what they point to may go, and the link goes with it
SELECT r.action, count(*) FROM definition AS d JOIN result AS r ON r.object = d.name
WHERE e -> 'CascadeConfiguration' ->> 'Delete' = 'RemoveLink' GROUP BY 1;
-- => created|58
SELECT count(*) FROM result WHERE detail IS NULL;
-- => 0
-- a second time nothing happens
SELECT action, count(*) FROM relmeta.import_metadata(:'doc', create_tables => true) GROUP BY 1 ORDER BY 1;
-- => exists|252, skipped|22

-- parental ones behave: a lead takes along what belongs to it, and what belongs to that
SELECT count(relmeta.create_user(u)) FROM unnest('{real_ann,real_bob}'::text[]) AS u;
INSERT INTO lead (leadid, ownerid) VALUES ('00000000-0000-0000-0000-000000000001', 'real_ann');
INSERT INTO socialactivity (activityid, ownerid, regardingobjectid)
VALUES ('00000000-0000-0000-0000-000000000002', 'real_ann', '00000000-0000-0000-0000-000000000001');
INSERT INTO annotation (annotationid, ownerid, objectid, objectid_type) VALUES
  ('00000000-0000-0000-0000-000000000003', 'real_ann', '00000000-0000-0000-0000-000000000002', 'socialactivity'),
  ('00000000-0000-0000-0000-000000000004', 'real_ann', '00000000-0000-0000-0000-000000000001', 'lead');
SELECT name, assign, delete FROM relmeta.one_to_many WHERE name IN ('Lead_SocialActivities', 'Lead_Annotation', 'socialactivity_Annotation')
ORDER BY name COLLATE "C";
-- what will happen, and then it does
SELECT depth, related_table, effect, sum(rows) FROM relmeta.preview('assign', 'lead', '00000000-0000-0000-0000-000000000001', 'real_bob')
WHERE effect = 'reassigned' GROUP BY 1, 2, 3 ORDER BY 1, 2::text COLLATE "C";
-- => 0|lead|reassigned|1
-- => 1|annotation|reassigned|1
-- => 1|socialactivity|reassigned|1
-- => 2|annotation|reassigned|1
SELECT relmeta.assign('lead', '00000000-0000-0000-0000-000000000001', 'real_bob');
SELECT 'lead', ownerid FROM lead UNION ALL SELECT 'socialactivity', ownerid FROM socialactivity
UNION ALL SELECT objectid_type, ownerid FROM annotation ORDER BY 1;
SELECT relmeta.share('lead', '00000000-0000-0000-0000-000000000001', 'real_ann', '{read}');
SELECT relmeta.has_access('socialactivity', '00000000-0000-0000-0000-000000000002', 'read', 'real_ann');
-- => t
DELETE FROM lead;
SELECT (SELECT count(*) FROM socialactivity), (SELECT count(*) FROM annotation);
-- => 0|0

-- the other file of the Web API's: its definitions are all there by now
\set more `cat "$FOLDER/xrmmockup/lead.RelationshipDefinitions.json"`
CREATE TABLE more AS SELECT * FROM relmeta.import_metadata(:'more', create_tables => true);
SELECT count(*), count(r.object), count(DISTINCT r.object) FROM jsonb_array_elements(:'more'::jsonb -> 'value') AS d FULL JOIN more AS r ON r.object = d ->> 'SchemaName';
-- => 147|147|147
SELECT action, count(*), count(*) FILTER (WHERE detail IS NULL AND action <> 'exists') FROM more GROUP BY 1 ORDER BY 1;
-- => exists|137|0
-- => skipped|10|0

-- a folder of files, byte-order marks stripped, as docs/dataverse.md has it
SET search_path = folder;
CREATE TABLE solution (file text, content xml);
\copy solution FROM PROGRAM 'cd "$FOLDER" && find . -path "*Relationships/*.xml" -o -name EntityMaps.xml -o -name ConnectionRoles.xml -o -name "*Entity.xml" -o -iname customizations.xml -o -name Relationships.xml -o -name "coe*.xml" | while read -r f; do printf "\"%s\",\"" "$f"; sed "1s/^$(printf "\357\273\277")//; s/\"/\"\"/g" "$f"; echo "\""; done' CSV
SELECT count(*) FROM solution;
-- => 31
SELECT jsonb_agg(relmeta.dataverse_to_json(content) ORDER BY file) AS doc FROM solution \gset
CREATE TABLE result AS SELECT * FROM relmeta.import_metadata(:'doc', create_tables => true);
SELECT count(*) FROM jsonb_array_elements(:'doc') AS f, jsonb_array_elements(f -> 'value') AS e JOIN result AS r ON r.object = e ->> 'SchemaName';
-- => 198
-- every definition of every file, counted in the XML itself (an index of names defines nothing), gives one row, with a reason
SELECT file FROM solution
WHERE (SELECT sum(cardinality(xpath(p, content))) FROM unnest('{//EntityRelationship[*],//AttributeMap,//ConnectionRole,//ConnectionRoleAssociation,/Entity}'::text[]) AS p)
  <> (SELECT sum(jsonb_array_length(v)) FROM jsonb_each(relmeta.dataverse_to_json(content)) AS e (k, v) WHERE jsonb_typeof(v) = 'array');
-- => none
SELECT sum(cardinality(xpath(p, content))) FROM solution, unnest('{//EntityRelationship[*],//AttributeMap,//ConnectionRole,//ConnectionRoleAssociation,/Entity}'::text[]) AS p;
-- => 272
SELECT count(*), count(DISTINCT object), count(detail) FROM result;
-- => 272|272|272
SELECT action, count(*) FROM result GROUP BY 1 ORDER BY 1;
SELECT * FROM result WHERE action IN ('problem', 'skipped') ORDER BY 2, 3;
-- the eleven of the toolkit that are parental in every respect
SELECT count(*) FROM relmeta.one_to_many WHERE primary_table::text LIKE 'msnfp%' AND assign = 'all' AND reparent = 'all' AND share = 'all'
  AND unshare = 'all' AND delete = 'all';
-- => 11
SELECT lookup_column, primary_table, type_column FROM relmeta.one_to_many WHERE related_table = 'msnfp_creditrecipient'::regclass
  AND type_column IS NOT NULL ORDER BY 1, 2::text;
SELECT action, count(*) FROM relmeta.import_metadata(:'doc', create_tables => true) GROUP BY 1 ORDER BY 1;

RESET ROLE;
SET client_min_messages = error;
DO $$ DECLARE t regclass; BEGIN
  FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('real'::regnamespace, 'folder'::regnamespace) LOOP
    EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', t);
  END LOOP; END $$;
DROP SCHEMA real, folder CASCADE;
DELETE FROM relmeta.connection_role AS r WHERE NOT EXISTS (SELECT FROM relmeta.connection_role_table AS t WHERE t.role_id = r.role_id);
SELECT relmeta.drop_principal('real_ann'), relmeta.drop_principal('real_bob');
REVOKE ALL ON FUNCTION relmeta.create_user(text, regrole, boolean) FROM regress_real;
DROP ROLE regress_real;
