-- dataverse: definitions as Dataverse's Web API gives them, imported one by one: each gives one row, with the reason.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_dataverse;
CREATE SCHEMA dataverse AUTHORIZATION regress_dataverse;
CREATE SCHEMA made AUTHORIZATION regress_dataverse;
GRANT EXECUTE ON FUNCTION relmeta.create_user(text, regrole, boolean) TO regress_dataverse;
SET ROLE regress_dataverse;
SET search_path = dataverse;
-- tables here, in another case than there, one with another name
CREATE TABLE "Account" (accountid uuid PRIMARY KEY, "OwnerId" text, statecode int NOT NULL DEFAULT 0);
CREATE TABLE contact (contactid uuid PRIMARY KEY, ownerid text, statecode int DEFAULT 0, "ParentCustomerId" uuid);
CREATE TABLE deal (opportunityid uuid PRIMARY KEY, ownerid text);
CREATE TABLE product (productid uuid PRIMARY KEY);

-- 1:N as the Web API has it; what a column list leaves out is NoCascade
CREATE FUNCTION one(name text, referenced text, referencing text, attribute text, VARIADIC cascade text[] DEFAULT '{}')
RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('@odata.type', '#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata', 'SchemaName', name,
    'ReferencedEntity', referenced, 'ReferencedAttribute', referenced || 'id', 'ReferencingEntity', referencing,
    'ReferencingAttribute', attribute, 'IsHierarchical', false, 'CascadeConfiguration',
    '{"Assign": "NoCascade", "Reparent": "NoCascade", "Share": "NoCascade", "Unshare": "NoCascade", "Delete": "RemoveLink",
      "Merge": "NoCascade", "RollupView": "NoCascade"}'::jsonb || coalesce(jsonb_object(cascade), '{}')) $$;
CREATE FUNCTION many(name text, entity1 text, entity2 text, intersect_entity text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('SchemaName', name, 'Entity1LogicalName', entity1, 'Entity2LogicalName', entity2,
    'IntersectEntityName', intersect_entity, 'Entity1IntersectAttribute', entity1 || 'id',
    'Entity2IntersectAttribute', entity2 || 'id2') $$;
SELECT jsonb_build_object('@odata.context', 'x', 'value', jsonb_build_array(
  one('account_deals', 'account', 'opportunity', 'accountid', 'Assign', 'Cascade', 'Reparent', 'Cascade', 'Share', 'Cascade',
      'Unshare', 'Cascade', 'Delete', 'Cascade', 'Merge', 'Cascade'),
  one('contact_deals', 'contact', 'opportunity', 'ContactId', 'Delete', 'NoCascade'),
  one('contact_active', 'contact', 'opportunity', 'backupid', 'RollupView', 'Active'),
  one('account_customer', 'account', 'contact', 'parentcustomerid', 'Share', 'UserOwned', 'Unshare', 'UserOwned'),
  one('contact_customer', 'contact', 'contact', 'parentcustomerid', 'Delete', 'Cascade'),
  one('lead_customer', 'lead', 'contact', 'parentcustomerid'),
  one('contact_deals_again', 'contact', 'opportunity', 'contactid', 'Delete', 'Restrict'),
  one('second_parent', 'contact', 'opportunity', 'ownercontactid', 'Share', 'Cascade'),
  one('product_deals', 'product', 'opportunity', 'productid', 'Assign', 'Cascade'),
  one('bad', 'account', 'product', 'x', 'Assign', 'Sometimes'),
  one('worse', 'account', 'product', 'x', 'Assign', 'RemoveLink'),
  one('lk_createdby', 'systemuser', 'contact', 'createdby', 'Delete', 'NoCascade'),
  one('owner_contacts', 'owner', 'contact', 'ownerid', 'Delete', 'NoCascade'),
  one('nowhere', 'account', 'incident', 'customerid'),
  one('product_' || repeat('very_', 14) || 'long', 'product', 'contact', 'productid'),
  one('product_' || repeat('very_', 14) || 'lingering', 'product', 'contact', 'productid2'),
  many('accounts_products', 'account', 'product', 'AccountProducts'),
  many('shared1', 'account', 'product', 'sharedlinks'),
  many('shared2', 'contact', 'product', 'sharedlinks'),
  many('contact_leads', 'contact', 'lead', 'contactleads'),
  one('of_links', 'account', 'accountproducts', 'accountid'))) AS doc \gset

SELECT count(*), count(DISTINCT object) = jsonb_array_length(:'doc'::jsonb -> 'value')
FROM relmeta.import_metadata(:'doc', true, '{"opportunity": "deal"}');
-- => 21|t
SELECT count(*) FROM relmeta.tables WHERE relation::text IN ('"Account"', 'contact', 'deal', 'product');
-- => 0
SELECT * FROM relmeta.import_metadata(:'doc', name_map => '{"opportunity": "deal"}');
SELECT * FROM relmeta.import_metadata(:'doc', name_map => '{"OPPORTUNITY": "deal"}') WHERE action NOT IN ('exists', 'skipped', 'problem');
-- => none
SELECT relation, owner_column, state_column FROM relmeta.tables WHERE relation IN ('"Account"'::regclass, 'contact', 'deal', 'product')
ORDER BY relation::text COLLATE "C";
SELECT name, primary_table, related_table, lookup_column, type_column, preset, assign, share, unshare, delete, merge, rollup_view
FROM relmeta.one_to_many WHERE related_table IN ('contact'::regclass, 'deal', 'product') ORDER BY name COLLATE "C";
SELECT name, table1, column1, table2, column2, intersect_table FROM relmeta.many_to_many WHERE intersect_table LIKE '%product%';
-- original names come back
SELECT e ->> 'name', e ->> 'original_name' FROM jsonb_array_elements(relmeta.export_metadata('{contact,product}') -> 'relationships') AS e
WHERE e ->> 'original_name' IS NOT NULL;

-- what parental means there it means here
SELECT count(relmeta.create_user(u)) FROM unnest('{dv_ann,dv_bob}'::text[]) AS u;
INSERT INTO "Account" VALUES ('00000000-0000-0000-0000-00000000000a', 'dv_ann');
INSERT INTO deal (opportunityid, ownerid, accountid) VALUES ('00000000-0000-0000-0000-00000000000d', 'dv_ann', '00000000-0000-0000-0000-00000000000a');
SELECT relmeta.assign('"Account"', '00000000-0000-0000-0000-00000000000a', 'dv_bob');
-- => 2
SELECT ownerid FROM deal;
-- => dv_bob

-- a behavior that was changed here is changed back
SELECT relmeta.update_relationship('contact_deals', delete => 'remove_link');
SELECT action, object, detail FROM relmeta.import_metadata(:'doc', name_map => '{"opportunity": "deal"}') WHERE action = 'changed';
-- => changed|contact_deals|delete: restrict, was remove_link

-- menus
SELECT jsonb_build_array(
  one('account_deals', 'account', 'opportunity', 'accountid') #- '{CascadeConfiguration}' || '{"AssociatedMenuConfiguration":
    {"Behavior": "UseLabel", "Group": "Sales", "Order": 20, "Label": {"UserLocalizedLabel": {"Label": "Deals"}, "LocalizedLabels": []}}}',
  one('contact_deals', 'contact', 'opportunity', 'contactid') #- '{CascadeConfiguration}' || '{"AssociatedMenuConfiguration":
    {"Behavior": "DoNotDisplay", "Group": null, "Order": null, "Label": null}}',
  many('accounts_products', 'account', 'product', 'AccountProducts') || '{"Entity2AssociatedMenuConfiguration":
    {"Behavior": "UseLabel", "Label": null, "Order": "many"}, "Entity1AssociatedMenuConfiguration": {"Group": "Details"}}') AS menus \gset
SELECT * FROM relmeta.import_metadata(:'menus', name_map => '{"opportunity": "deal"}');
SELECT action, count(*) FROM relmeta.import_metadata(:'menus', name_map => '{"opportunity": "deal"}') GROUP BY 1;
-- => exists|3
SELECT * FROM relmeta.menus WHERE relationship IN ('account_deals', 'contact_deals', 'accounts_products') ORDER BY 1, 2;

-- connection roles
SELECT $${"ConnectionRoles": [
  {"Id": "{1}", "Name": "dv payer", "Category": "1001", "Tables": ["Account", "lead"], "Description": "pays"},
  {"Id": "{2}", "Name": "dv payee", "Category": "odd", "Tables": ["contact"]},
  {"Id": "{3}", "Name": "dv nobody", "Tables": ["lead"]}, {"Id": "{4}", "Name": "dv anybody", "Tables": []}],
  "ConnectionRoleAssociations": [{"Role1": "{1}", "Role2": "{2}"}, {"Role1": "{2}", "Role2": "{2}"}, {"Role1": "{2}", "Role2": "{3}"},
    {"Role1": "{2}", "Role2": "{9}"}]}$$ AS roles \gset
SELECT * FROM relmeta.import_metadata(:'roles');
SELECT action, count(*) FROM relmeta.import_metadata(:'roles') GROUP BY 1 ORDER BY 1;
SELECT * FROM relmeta.connection_roles WHERE name LIKE 'dv %' ORDER BY name;

-- attribute maps are column mappings of each relationship between the two tables
ALTER TABLE contact ADD COLUMN "Phone" text, ADD COLUMN size int;
ALTER TABLE deal ADD COLUMN phone text, ADD COLUMN size text, ADD COLUMN big bytea;
SELECT jsonb_build_object('EntityMaps', jsonb_agg(jsonb_build_object('Source', s, 'Target', 'opportunity', 'AttributeSource', a, 'AttributeTarget', b))) AS maps
FROM (VALUES ('contact', 'phone', 'phone'), ('contact', 'size', 'big'), ('contact', 'no', 'phone'), ('contact', 'phone', 'no'),
  ('lead', 'phone', 'phone'), ('product', 'productid', 'phone')) AS v (s, a, b) \gset
SELECT * FROM relmeta.import_metadata(:'maps', name_map => '{"opportunity": "deal"}');
SELECT action, count(*) FROM relmeta.import_metadata(:'maps', name_map => '{"opportunity": "deal"}') GROUP BY 1 ORDER BY 1;
SELECT * FROM relmeta.mappings WHERE target_column = 'phone' ORDER BY 1;

-- tables are made, as far as they are described; several documents are one
SET search_path = made;
SELECT jsonb_build_array(jsonb_build_object('value', jsonb_build_array(
    dataverse.one('account_contact', 'account', 'contact', 'customerid', 'Share', 'Cascade', 'Unshare', 'Cascade'),
    dataverse.one('owner_lead', 'owner', 'lead', 'ownerid'),
    dataverse.one('lead_self', 'lead', 'lead', 'parentid') || '{"IsHierarchical": true}')),
  dataverse.one('lead_contact', 'lead', 'contact', 'customerid'),
  '{"format": "dataverse", "EntityDefinitions": [{"LogicalName": "lead", "PrimaryIdAttribute": "leadkey", "Attributes": [
    {"LogicalName": "leadkey", "AttributeType": "primarykey"}, {"LogicalName": "subject", "AttributeType": "nvarchar"},
    {"LogicalName": "statecode", "AttributeType": "state"}, {"LogicalName": "parentid", "AttributeType": "lookup"},
    {"LogicalName": "createdby", "AttributeType": "lookup"}, {"LogicalName": "odd", "AttributeType": "virtual"}]}]}'::jsonb) AS doc \gset
SELECT * FROM relmeta.import_metadata(:'doc', create_tables => true);
SELECT attrelid::regclass, string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid IN ('account'::regclass, 'contact'::regclass, 'lead'::regclass) AND attnum > 0 GROUP BY 1 ORDER BY 1::text COLLATE "C";
SELECT action, count(*) FROM relmeta.import_metadata(:'doc', create_tables => true) GROUP BY 1 ORDER BY 1;
-- what Dataverse said is a model like another: exported and imported it is the same
SELECT DISTINCT action FROM relmeta.import_metadata(relmeta.export_metadata('{account,contact,lead}'));
-- => exists

-- what is no document
CREATE FUNCTION try(doc text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM relmeta.import_metadata(doc::jsonb); RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm; END $$;
SELECT try('{"value": [{"SchemaName": "x"}]}');
SELECT try('{"value": [{"SchemaName": "x", "ReferencedEntity": 1}]}');
SELECT try('{"value": [1]}');
SELECT try('{"value": {}}');
SELECT try('{"value": [], "more": []}');
SELECT try('[[]]');
SELECT try('[{"value": []}, {"valve": []}]');
SELECT try('{"EntityDefinitions": [{"Attributes": []}]}');
SELECT try('[]');
SELECT * FROM relmeta.import_metadata(jsonb_build_array(dataverse.one('x"; DROP TABLE lead; --', 'lead', 'account', 'a"; DROP TABLE lead; --')));
SELECT lookup_column FROM relmeta.one_to_many WHERE primary_table = 'lead'::regclass AND related_table = 'account'::regclass;

RESET ROLE;
DROP SCHEMA dataverse, made CASCADE;
DELETE FROM relmeta.connection_role WHERE name LIKE 'dv %';
SELECT relmeta.drop_principal('dv_ann'), relmeta.drop_principal('dv_bob');
REVOKE ALL ON FUNCTION relmeta.create_user(text, regrole, boolean) FROM regress_dataverse;
DROP ROLE regress_dataverse;
