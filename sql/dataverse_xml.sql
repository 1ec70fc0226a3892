-- dataverse_to_json(): Dataverse's own files as a document for import_metadata().  A server without libxml has no such values.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT setting LIKE '%--with-libxml%' AS has_xml FROM pg_config WHERE name = 'CONFIGURE' \gset
\if :has_xml
\else
\echo skipped: the server is built without libxml
\quit
\endif
CREATE SCHEMA dvx;
SET search_path = dvx;

-- an unpacked solution: relationships, of which an index only names some
SELECT relmeta.dataverse_to_json('<?xml version="1.0" encoding="utf-8"?>
<EntityRelationships xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <!-- a comment --><EntityRelationship Name="only_named" />
  <EntityRelationship Name="Contact_CustomerAddress">
    <EntityRelationshipType>OneToMany</EntityRelationshipType>
    <IsHierarchical>0</IsHierarchical>
    <ReferencingEntityName>CustomerAddress</ReferencingEntityName>
    <ReferencedEntityName>Contact</ReferencedEntityName>
    <CascadeAssign>NoCascade</CascadeAssign> <CascadeDelete>Cascade</CascadeDelete> <CascadeArchive>NoCascade</CascadeArchive>
    <ReferencingAttributeName>ParentId</ReferencingAttributeName>
    <EntityRelationshipRoles><EntityRelationshipRole>
      <NavPaneDisplayOption>UseLabel</NavPaneDisplayOption><NavPaneArea>Details</NavPaneArea><NavPaneOrder>10</NavPaneOrder>
      <CustomLabels><CustomLabel description="&lt;Who &amp; what&gt; &#x42; &#65;" languagecode="1033" /></CustomLabels>
      <RelationshipRoleType>1</RelationshipRoleType></EntityRelationshipRole></EntityRelationshipRoles>
  </EntityRelationship>
  <EntityRelationship Name="knows">
    <EntityRelationshipType>ManyToMany</EntityRelationshipType>
    <FirstEntityName>Contact</FirstEntityName><SecondEntityName>Contact</SecondEntityName>
    <IntersectEntityName>Knows</IntersectEntityName>
  </EntityRelationship>
</EntityRelationships>');
-- a customizations.xml
SELECT jsonb_pretty(relmeta.dataverse_to_json('<ImportExportXml><Entities><Entity><Name>Lead</Name><EntityInfo><entity Name="Lead">
  <attributes><attribute PhysicalName="LeadId"><Type>primarykey</Type><LogicalName>leadid</LogicalName></attribute>
  <attribute><Type>owner</Type><Name>OwnerId</Name></attribute><attribute><Type>state</Type><Name>statecode</Name></attribute></attributes>
  <OwnershipTypeMask>UserOwned</OwnershipTypeMask></entity></EntityInfo><FormXml><EntityRelationship/></FormXml></Entity>
  <Entity><Name>only named</Name></Entity></Entities><Roles/>
  <EntityMaps><EntityMap><EntitySource>Lead</EntitySource><EntityTarget>contact</EntityTarget><AttributeMaps>
    <AttributeMap><AttributeSource>a</AttributeSource><AttributeTarget>b</AttributeTarget></AttributeMap>
    <AttributeMap><AttributeSource>c</AttributeSource><AttributeTarget>d</AttributeTarget></AttributeMap></AttributeMaps></EntityMap></EntityMaps>
  <ConnectionRoles><ConnectionRoles><ConnectionRole><connectionroleid>{1}</connectionroleid><name><![CDATA[Ben & <Co>]]></name>
    <category>5</category><ConnectionRoleObjectTypeCodes><ConnectionRoleObjectTypeCode>
    <associatedobjecttypecode>Lead</associatedobjecttypecode></ConnectionRoleObjectTypeCode></ConnectionRoleObjectTypeCodes></ConnectionRole>
  </ConnectionRoles><ConnectionRoleAssociations><ConnectionRoleAssociation><connectionroleid>{1}</connectionroleid>
    <associatedconnectionroleid>{1}</associatedconnectionroleid></ConnectionRoleAssociation></ConnectionRoleAssociations></ConnectionRoles>
</ImportExportXml>'));
-- the SDK's metadata, as it is serialized
SELECT relmeta.dataverse_to_json('<b:OneToManyRelationshipMetadata xmlns:b="urn:b" xmlns:i="urn:i"><b:SchemaName>x</b:SchemaName><b:CascadeConfiguration>
  <b:Assign>Cascade</b:Assign></b:CascadeConfiguration><b:IsHierarchical>true</b:IsHierarchical><b:ReferencedEntity>a</b:ReferencedEntity>
  <b:ReferencingAttribute>c</b:ReferencingAttribute><b:ReferencingEntity>b</b:ReferencingEntity><b:HasChanged i:nil="true"/></b:OneToManyRelationshipMetadata>') -> 'value';

-- imported, tables and all
SELECT * FROM relmeta.import_metadata(jsonb_build_array(
  relmeta.dataverse_to_json('<EntityRelationships><EntityRelationship Name="lead_task"><EntityRelationshipType>OneToMany</EntityRelationshipType>
    <ReferencingEntityName>Task</ReferencingEntityName><ReferencedEntityName>Lead</ReferencedEntityName><CascadeAssign>Cascade</CascadeAssign>
    <CascadeDelete>NoCascade</CascadeDelete><ReferencingAttributeName>RegardingId</ReferencingAttributeName></EntityRelationship></EntityRelationships>'),
  relmeta.dataverse_to_json('<EntityRelationships><EntityRelationship Name="contact_task"><EntityRelationshipType>OneToMany</EntityRelationshipType>
    <ReferencingEntityName>task</ReferencingEntityName><ReferencedEntityName>contact</ReferencedEntityName><CascadeAssign>Cascade</CascadeAssign>
    <CascadeDelete>RemoveLink</CascadeDelete><ReferencingAttributeName>regardingid</ReferencingAttributeName></EntityRelationship>
    <EntityRelationship Name="knows"><EntityRelationshipType>ManyToMany</EntityRelationshipType>
    <FirstEntityName>Contact</FirstEntityName><SecondEntityName>Contact</SecondEntityName>
    <IntersectEntityName>Knows</IntersectEntityName></EntityRelationship></EntityRelationships>')), create_tables => true);
SELECT name, lookup_column, type_column, assign, delete FROM relmeta.one_to_many WHERE related_table = 'task'::regclass ORDER BY 1;
SELECT name, column1, column2, intersect_table FROM relmeta.many_to_many WHERE table1 = 'contact';
-- => knows|contactidone|contactidtwo|knows

-- hostile: no document type, no entities, nothing that is not closed
CREATE FUNCTION try(doc text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM relmeta.dataverse_to_json(doc::xml); RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm; END $$;
SELECT try('<x/>');
SELECT try('nothing');
SELECT try('');
SELECT try('<!DOCTYPE EntityMaps [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><EntityMaps>&c;</EntityMaps>') LIKE '22%';
-- => t
SELECT try('<!DOCTYPE EntityMaps [<!ENTITY x SYSTEM "file:///etc/passwd">]><EntityMaps>&x;</EntityMaps>');
SELECT try('<!DOCTYPE EntityMaps SYSTEM "http://127.0.0.1/x.dtd"><EntityMaps/>');
SELECT try('<EntityMaps/><EntityMaps>text &#38; more</EntityMaps>');
SELECT try('<EntityMaps>&nbsp;</EntityMaps>') LIKE '22%';
-- => t
SELECT try('<EntityMaps><!-- <a> & --><?php <a> & ?><![CDATA[ <a> & ]]></EntityMaps>');
SELECT try('<EntityMaps>' || repeat('<a>', 200) || repeat('</a>', 200) || '</EntityMaps>');
SELECT try('<ConnectionRoles><ConnectionRole/></ConnectionRoles>');
SELECT try('<EntityRelationships><EntityRelationship><EntityRelationshipType>OneToMany</EntityRelationshipType></EntityRelationship></EntityRelationships>');
SELECT relmeta.dataverse_to_json(NULL) IS NULL;
-- => t
DROP SCHEMA dvx CASCADE;
