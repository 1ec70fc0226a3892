-- An ERP: each table knows who made and who changed it, relation tables without a primary key, trees, a key that references
-- two columns, companies and partners that point to each other.
CREATE TABLE res_users (id serial PRIMARY KEY, login varchar NOT NULL UNIQUE, active boolean DEFAULT true, partner_id int,
  create_uid int REFERENCES res_users ON DELETE SET NULL, write_uid int REFERENCES res_users ON DELETE SET NULL);
CREATE TABLE res_company (id serial PRIMARY KEY, name varchar NOT NULL UNIQUE, partner_id int,
  parent_id int REFERENCES res_company ON DELETE SET NULL,
  create_uid int REFERENCES res_users ON DELETE SET NULL, write_uid int REFERENCES res_users ON DELETE SET NULL);
CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar, active boolean DEFAULT true, parent_path varchar,
  company_id int REFERENCES res_company ON DELETE SET NULL, parent_id int REFERENCES res_partner ON DELETE SET NULL,
  commercial_partner_id int REFERENCES res_partner ON DELETE SET NULL,
  user_id int REFERENCES res_users ON DELETE SET NULL,
  create_uid int REFERENCES res_users ON DELETE SET NULL, write_uid int REFERENCES res_users ON DELETE SET NULL,
  UNIQUE (id, company_id));
ALTER TABLE res_company ADD FOREIGN KEY (partner_id) REFERENCES res_partner ON DELETE RESTRICT;
ALTER TABLE res_users ADD FOREIGN KEY (partner_id) REFERENCES res_partner ON DELETE RESTRICT;
CREATE TABLE res_groups (id serial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE res_groups_users_rel (gid int NOT NULL REFERENCES res_groups ON DELETE CASCADE,
  uid int NOT NULL REFERENCES res_users ON DELETE CASCADE, UNIQUE (gid, uid));
CREATE INDEX res_groups_users_rel_uid_gid_idx ON res_groups_users_rel (uid, gid);
CREATE TABLE res_partner_category (id serial PRIMARY KEY, name varchar NOT NULL,
  parent_id int REFERENCES res_partner_category ON DELETE CASCADE);
CREATE TABLE res_partner_res_partner_category_rel (
  category_id int NOT NULL REFERENCES res_partner_category ON DELETE CASCADE,
  partner_id int NOT NULL REFERENCES res_partner ON DELETE CASCADE, PRIMARY KEY (category_id, partner_id));
CREATE TABLE sale_order (id serial PRIMARY KEY, name varchar NOT NULL, state text,
  partner_id int NOT NULL REFERENCES res_partner ON DELETE RESTRICT, company_id int NOT NULL REFERENCES res_company ON DELETE RESTRICT,
  user_id int REFERENCES res_users ON DELETE SET NULL, CHECK (state IN ('draft', 'sale', 'cancel')),
  FOREIGN KEY (partner_id, company_id) REFERENCES res_partner (id, company_id));
CREATE TABLE sale_order_line (id serial PRIMARY KEY, order_id int NOT NULL REFERENCES sale_order ON DELETE CASCADE, qty numeric,
  price numeric, total numeric GENERATED ALWAYS AS (qty * price) STORED);
INSERT INTO res_users (login, create_uid) VALUES ('admin', 1), ('demo', 1);
INSERT INTO res_company (name, create_uid) VALUES ('My Company', 1);
INSERT INTO res_partner (name, company_id, parent_id, create_uid) VALUES ('Azure', 1, NULL, 1), ('Brandon', 1, 1, 2);
UPDATE res_company SET partner_id = 1;
INSERT INTO res_groups (name) VALUES ('Sales');
INSERT INTO res_groups_users_rel VALUES (1, 1), (1, 2);
INSERT INTO res_partner_category (name, parent_id) VALUES ('Services', NULL), ('Consulting', 1), ('Audit', 2);
INSERT INTO res_partner_res_partner_category_rel VALUES (3, 2);
INSERT INTO sale_order (name, state, partner_id, company_id, user_id) VALUES ('S1', 'draft', 1, 1, 2), ('S2', 'sale', 2, 1, 2);
INSERT INTO sale_order_line (order_id, qty, price) VALUES (1, 2, 5), (1, 1, 3), (2, 1, 1);
