-- explain_access: every ground, from where: SEMANTICS 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ea_owner;
CREATE SCHEMA ea AUTHORIZATION regress_ea_owner;
SELECT relmeta.create_user(u) FROM unnest(ARRAY['ea_ann', 'ea_bob', 'ea_cat']) AS u;
SELECT relmeta.create_team('ea_team');
SELECT relmeta.add_team_member('ea_team', 'ea_bob');
SET SESSION AUTHORIZATION regress_ea_owner;
SET search_path = ea;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE folder (id int PRIMARY KEY, owner_id text);
CREATE TABLE note (id int PRIMARY KEY, owner_id text);
CREATE TABLE item (id int PRIMARY KEY, owner_id text, about_id int, about_type text);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,folder,note,item}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('folder', 'folder', 'above', 'ea_above', preset => 'parental', is_hierarchical => true);
-- => ea_above
SELECT relmeta.create_one_to_many('folder', 'note', 'folder_id', 'ea_folder', preset => 'parental');
-- => ea_folder
SELECT relmeta.create_multi_table_lookup('item', 'about_id', '{account,note}', 'about_type', preset => 'parental');
-- => {account_item,note_item}
INSERT INTO account VALUES (1, 'ea_ann'), (2, 'ea_cat');
INSERT INTO folder VALUES (1, 'ea_ann', NULL), (2, 'ea_ann', 1), (3, 'ea_ann', 2);
INSERT INTO note VALUES (1, 'ea_ann', 3);
INSERT INTO item VALUES (1, 'ea_ann', 1, 'note');
CREATE FUNCTION why(k int, p text) RETURNS TABLE (ground text, team text, rights text, relationship text, source text, depth int)
LANGUAGE sql AS $$
  SELECT ground, through_team, rights::text, relationship, source_table || ' ' || source_key, depth
  FROM relmeta.explain_access('note', k, p)
$$;

-- the owner; nobody
SELECT * FROM why(1, 'ea_ann');
-- => owner||{read,write,append,append_to,delete,share,assign}||note 1|0
SELECT * FROM why(1, 'ea_cat');
-- => none
SELECT * FROM why(9, 'ea_ann');
-- => none

-- several origins: itself, its team, up the hierarchy
SELECT relmeta.share('note', 1, 'ea_bob', '{read}');
-- => 2
SELECT relmeta.share('note', 1, 'ea_team', '{delete}');
-- => 2
SELECT relmeta.share('folder', 1, 'ea_team', '{read}');
-- => 5
SELECT relmeta.share('folder', 2, 'ea_bob', '{read,write}');
-- => 4
SELECT * FROM why(1, 'ea_bob');
-- => direct||{read}||note 1|0
-- => inherited||{read,write}|ea_folder|folder 2|2
-- => direct|ea_team|{delete}||note 1|0
-- => inherited|ea_team|{read}|ea_folder|folder 1|3
SELECT relmeta.principal_access('note', 1, 'ea_bob');
-- => {read,write,delete}

-- what comes from one origin by share and by reparent is one ground
INSERT INTO note VALUES (2, 'ea_ann', 2);
SELECT relmeta.share('folder', 2, 'ea_bob', '{delete}');
-- => 5
SELECT * FROM why(2, 'ea_bob');
-- => inherited||{read,write,delete}|ea_folder|folder 2|1
-- => inherited|ea_team|{read}|ea_folder|folder 1|2

-- two ways up from a row, each with its own rights, end in the same row
INSERT INTO folder VALUES (4, 'ea_ann', 3);
INSERT INTO note VALUES (4, 'ea_ann', 4);
SELECT relmeta.share('folder', 2, 'ea_bob', '{share}');
-- => 7
SELECT * FROM why(4, 'ea_bob');
-- => inherited||{read,write,delete,share}|ea_folder|folder 2|3
-- => inherited|ea_team|{read}|ea_folder|folder 1|4

-- a primary row's owner inherits by reparent
INSERT INTO item VALUES (2, 'ea_ann', 2, 'account');
SELECT * FROM relmeta.explain_access('item', 2, 'ea_cat');
-- => inherited||{read,write,append,append_to,delete,share,assign}|account_item|account|2|1
-- a multi-table lookup, four levels
SELECT * FROM relmeta.explain_access('item', 1, 'ea_bob');
-- => inherited||{read}|note_item|note|1|1
-- => inherited||{read,write,delete,share}|note_item|folder|2|3
-- => inherited|ea_team|{delete}|note_item|note|1|1
-- => inherited|ea_team|{read}|note_item|folder|1|4
UPDATE item SET about_type = 'account' WHERE id = 1;
SELECT * FROM relmeta.explain_access('item', 1, 'ea_bob');
-- => none

-- entries that are left although nothing gives them any more: the last row reached
SELECT relmeta.update_relationship('ea_above', share => 'none', reparent => 'none', unshare => 'none', revoke_inherited => false);
SELECT relmeta.unshare('folder', 1, 'ea_team');
-- => 1
SELECT relmeta.unshare('folder', 2, 'ea_bob');
-- => 2
SELECT * FROM why(1, 'ea_bob');
-- => direct||{read}||note 1|0
-- => inherited||{read,write,delete,share}|ea_folder|folder 3|1
-- => direct|ea_team|{delete}||note 1|0
-- => inherited|ea_team|{read}|ea_folder|folder 2|2
SELECT * FROM why(4, 'ea_bob');
-- => inherited||{read,write,delete,share}|ea_folder|folder 3|2
-- => inherited|ea_team|{read}|ea_folder|folder 2|3
-- of what one entry holds, only a part is still given
SELECT relmeta.share('folder', 3, 'ea_cat', '{read,write}');
-- => 2
INSERT INTO note VALUES (5, 'ea_ann', 3);
SELECT relmeta.update_relationship('ea_folder', unshare => 'none');
SELECT relmeta.unshare('folder', 3, 'ea_cat', '{write}');
-- => 1
SELECT * FROM why(5, 'ea_cat');
-- => inherited||{read}|ea_folder|folder 3|1
-- => inherited||{write}|ea_folder|note 5|0
-- a grant that its holder no longer needs, since it owns the row
SELECT relmeta.update_relationship('ea_folder', share => 'all', unshare => 'all');
SELECT relmeta.share('folder', 4, 'ea_cat', '{read,create}');
-- => 2
UPDATE folder SET owner_id = 'ea_cat' WHERE id = 4;
SELECT relmeta.unshare('folder', 4, 'ea_cat');
-- => 2
SELECT * FROM why(4, 'ea_cat');
-- => owner||{read,write,append,append_to,delete,share,assign}||note 4|0
-- => inherited||{read}|ea_folder|folder 4|1
-- a chain that is cut
ALTER TABLE note DISABLE TRIGGER USER;
UPDATE note SET folder_id = NULL WHERE id = 1;
ALTER TABLE note ENABLE TRIGGER USER;
SELECT * FROM why(1, 'ea_bob') WHERE relationship = 'ea_folder';
-- => inherited||{read,write,delete,share}|ea_folder|note 1|0
-- => inherited|ea_team|{read}|ea_folder|note 1|0

-- a source that the caller may not read has no key for him; a key is spelt as in its row (ATTACKS 41)
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_ea_dan;
GRANT USAGE ON SCHEMA ea TO regress_ea_dan;
SELECT relmeta.create_user('ea_dan', 'regress_ea_dan');
SET SESSION AUTHORIZATION regress_ea_owner;
CREATE TABLE box (id numeric(6,2) PRIMARY KEY, owner_id text);
CREATE TABLE lid (id numeric PRIMARY KEY, owner_id text, box_id numeric);
SELECT relmeta.register_table('box', 'owner_id'), relmeta.register_table('lid', 'owner_id');
SELECT relmeta.create_one_to_many('box', 'lid', 'box_id', preset => 'parental');
-- => box_lid
INSERT INTO box VALUES (1, 'ea_dan');
INSERT INTO lid VALUES (2.000, 'ea_ann', 1.0000);
GRANT SELECT ON lid TO regress_ea_dan;
SELECT * FROM relmeta.explain_access('lid', 2, 'ea_dan');
-- => inherited||{read,write,append,append_to,delete,share,assign}|box_lid|box|1.00|1
SELECT * FROM relmeta.explain_access('lid', 2, 'ea_ann');
-- => owner||{read,write,append,append_to,delete,share,assign}||lid|2.000|0
SET SESSION AUTHORIZATION regress_ea_dan;
SELECT * FROM relmeta.explain_access('lid', 2);
-- => inherited||{read,write,append,append_to,delete,share,assign}|box_lid|box||1

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA ea CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'ea\_%';
DROP ROLE regress_ea_owner, regress_ea_dan;
