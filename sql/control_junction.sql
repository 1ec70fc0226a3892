-- control_junction: junction tables of another role at whose end a table is controlled, and those that inherit: SEMANTICS 2.5 "Access
-- control", 2.4.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cj_own;
CREATE ROLE regress_cj_other;
CREATE SCHEMA cj AUTHORIZATION regress_cj_own;
GRANT ALL ON SCHEMA cj TO PUBLIC;
SET search_path = cj;
SET ROLE regress_cj_own;
CREATE TABLE plot (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE plot_1 PARTITION OF plot FOR VALUES FROM (1) TO (10);
CREATE TABLE tree (id int PRIMARY KEY);
GRANT REFERENCES ON plot, plot_1, tree TO PUBLIC;
SELECT relmeta.register_table('plot', 'owner_id');
SET ROLE regress_cj_other;
CREATE TABLE junction (plot_id int REFERENCES plot_1, tree_id int REFERENCES tree, PRIMARY KEY (plot_id, tree_id));
SELECT relmeta.adopt_many_to_many('junction', 'cj_junction');

-- its owner is told what to call, until he has called it; and when it is needed no more, what there is left
\set VERBOSITY default
SET client_min_messages = notice;
SET ROLE regress_cj_own;
SELECT relmeta.enable_access_control('plot', force => true);
-- => NOTICE: relmeta.enable_access_control('cj.junction')
SET ROLE regress_cj_other;
SELECT relmeta.enable_access_control('junction');
SET ROLE regress_cj_own;
SELECT relmeta.enable_access_control('plot');
-- => no NOTICE
ALTER TABLE plot DETACH PARTITION plot_1;
-- => no NOTICE: links stay as they are
ALTER TABLE plot ATTACH PARTITION plot_1 FOR VALUES FROM (1) TO (10);
-- => no NOTICE
SELECT relmeta.disable_access_control('plot');
-- => NOTICE: relmeta.repair()
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SET ROLE regress_cj_other;
SELECT object, problem, repair FROM relmeta.verify() WHERE relation = 'junction'::regclass ORDER BY object COLLATE "C" LIMIT 2;
-- => Judge_relmeta_stored_link|is superfluous|SELECT relmeta.repair()
-- => relmeta_delete|policy is superfluous|SELECT relmeta.repair()
SELECT relmeta.repair() > 0;
-- => t
SELECT count(*) FROM relmeta.verify() WHERE relation = 'junction'::regclass;
-- => 0
SELECT relrowsecurity FROM pg_class WHERE oid = 'junction'::regclass;
-- => f

-- what inherits from a junction table would be open to whoever may read that: there is none
CREATE TABLE child () INHERITS (junction);
-- => ERROR:  0A000
CREATE TABLE child (LIKE junction);
ALTER TABLE child INHERIT junction;
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('plot_1', 'tree', name => 'cj_made', intersect_table => 'cj.made');
-- => cj_made
CREATE TABLE made_child () INHERITS (made);
-- => ERROR:  0A000
-- nor one that has children, or a parent, already; partitions it may have
CREATE TABLE family (plot_id int REFERENCES plot, tree_id int REFERENCES tree);
CREATE TABLE family_child () INHERITS (family);
SELECT relmeta.adopt_many_to_many('family');
-- => ERROR:  0A000
ALTER TABLE family_child ADD FOREIGN KEY (plot_id) REFERENCES plot, ADD FOREIGN KEY (tree_id) REFERENCES tree;
SELECT relmeta.adopt_many_to_many('family_child');
-- => ERROR:  0A000
DROP TABLE family_child;
SELECT relmeta.adopt_many_to_many('family', 'cj_family');
-- => cj_family
CREATE TABLE parted (plot_id int REFERENCES plot, tree_id int REFERENCES tree) PARTITION BY LIST (tree_id);
CREATE TABLE parted_1 PARTITION OF parted DEFAULT;
SELECT relmeta.adopt_many_to_many('parted', 'cj_parted');
-- => cj_parted
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
-- one that came while event triggers were off
RESET ROLE;
SET session_replication_role = replica;
CREATE TABLE late () INHERITS (junction);
RESET session_replication_role;
SET ROLE regress_cj_other;
SELECT object, problem, repair FROM relmeta.verify() WHERE relation::text IN ('junction', 'family', 'parted', 'made');
-- => cj_junction|other tables inherit from it|SELECT relmeta.drop_relationship('cj_junction')
RESET ROLE;
DROP SCHEMA cj CASCADE;
DROP ROLE regress_cj_own, regress_cj_other;
