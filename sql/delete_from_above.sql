-- A row that several relationships delete: each order line belongs to its order, by access too, and goes with its product.
-- SEMANTICS 2.3: a second relationship of a related table may cascade delete, and only that.  Cycles of such, too.
\pset format unaligned
\pset tuples_only on
\set VERBOSITY terse
SELECT relmeta.create_user('ann');
SELECT relmeta.create_user('bob');
CREATE SCHEMA s;
SET search_path = s;
CREATE TABLE orders (id int PRIMARY KEY, owner_id text);
CREATE TABLE product (id int PRIMARY KEY, owner_id text);
CREATE TABLE line (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('orders', 'owner_id');
SELECT relmeta.register_table('product', 'owner_id');
SELECT relmeta.register_table('line', 'owner_id');
SELECT relmeta.create_one_to_many('orders', 'line', 'order_id', preset => 'parental');
-- => orders_line
SELECT relmeta.create_one_to_many('product', 'line', 'product_id', delete => 'all');
-- => product_line
SELECT relmeta.create_one_to_many('product', 'line', 'instead_id', delete => 'all', foreign_key => false);
-- => product_line_instead_id
SELECT name, preset, is_parental FROM relmeta.one_to_many ORDER BY name;
-- => orders_line|parental|t
-- => product_line|custom|t
-- => product_line_instead_id|custom|t
-- any of the four gives access, or takes it, and is one too many
SELECT relmeta.update_relationship('product_line', assign => 'all');
-- => ERROR:  table "line" already gets access by another relationship, "orders_line"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.update_relationship('product_line', reparent => 'active');
-- => ERROR:  table "line" already gets access by another relationship, "orders_line"
SELECT relmeta.update_relationship('product_line', share => 'user_owned');
-- => ERROR:  table "line" already gets access by another relationship, "orders_line"
SELECT relmeta.update_relationship('product_line', unshare => 'all');
-- => ERROR:  table "line" already gets access by another relationship, "orders_line"

INSERT INTO orders VALUES (1, 'ann'), (2, 'ann');
INSERT INTO product VALUES (1, 'bob'), (2, 'bob'), (3, 'bob');
INSERT INTO line (id, owner_id, order_id, product_id, instead_id) VALUES
  (11, 'ann', 1, 1, NULL), (12, 'ann', 1, 2, 3), (13, 'ann', 1, 3, 3), (21, 'ann', 2, 1, 2), (22, 'bob', 2, 2, 3),
  (23, 'ann', 2, 2, 2);
-- access comes from the order alone: line 22 inherits from it, nothing from the product
SELECT object_key, principal, access_rights_mask, inherited_access_rights_mask
FROM relmeta.principal_object_access WHERE relation = 'line'::regclass ORDER BY 1, 2;
-- => 22|ann|0|851991
SELECT relmeta.share('product', 2, 'ann');
-- => 1
SELECT relmeta.share('orders', 2, 'bob');
-- => 3
-- a product goes, and its lines, by either lookup
DELETE FROM product WHERE id = 1;
SELECT id FROM line ORDER BY id;
-- => 12
-- => 13
-- => 22
-- => 23
DELETE FROM product WHERE id = 3;
SELECT id FROM line ORDER BY id;
-- => 23
SELECT object_key, principal, access_rights_mask, inherited_access_rights_mask
FROM relmeta.principal_object_access WHERE relation = 'line'::regclass ORDER BY 1, 2;
-- => 23|bob|0|1
-- both ends of a line in one statement
WITH o AS (DELETE FROM orders RETURNING id), p AS (DELETE FROM product RETURNING id)
SELECT (SELECT count(*) FROM o), (SELECT count(*) FROM p);
-- => 2|1
SELECT count(*) FROM line;
-- => 0
SELECT count(*) FROM relmeta.principal_object_access;
-- => 0

-- access that would go round is refused, deletes may go round
SELECT relmeta.create_one_to_many('line', 'orders', 'main_line_id', reparent => 'all');
-- => ERROR:  table "line" already gets access from table "orders"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('line', 'orders', 'main_line_id', delete => 'all', foreign_key => false);
-- => line_orders
SELECT relmeta.create_one_to_many('line', 'product', 'sample_id', delete => 'all');
-- => line_product
INSERT INTO orders VALUES (1, 'ann'), (2, 'ann');
INSERT INTO product VALUES (1, 'bob'), (2, 'bob');
INSERT INTO line (id, owner_id, order_id, product_id) VALUES (11, 'ann', 1, 1), (12, 'ann', 1, 2), (21, 'ann', 2, 2);
UPDATE orders SET main_line_id = 11 WHERE id IN (1, 2);
UPDATE product SET sample_id = 21 WHERE id = 2;
-- product 1 takes line 11, that the orders, those their lines, and line 21 product 2
DELETE FROM product WHERE id = 1;
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM line), (SELECT count(*) FROM product);
-- => 0|0|0
-- access goes down such a round still
INSERT INTO orders VALUES (1, 'ann');
INSERT INTO line (id, owner_id, order_id) VALUES (11, 'ann', 1), (12, 'bob', 1);
UPDATE orders SET main_line_id = 11;
WITH o AS (UPDATE orders SET owner_id = 'bob' RETURNING id), l AS (UPDATE line SET owner_id = 'bob' WHERE id = 11 RETURNING id)
SELECT (SELECT count(*) FROM o), (SELECT count(*) FROM l);
-- => 1|1
SELECT id, owner_id FROM line ORDER BY id;
-- => 11|bob
-- => 12|bob
SELECT relmeta.reassign_owned('bob', 'ann');
-- => 3
SELECT relmeta.share('orders', 1, 'bob');
-- => 3
SELECT relmeta.revoke_all('bob');
-- => 3
SELECT count(*) FROM relmeta.principal_object_access;
-- => 0
SELECT * FROM relmeta.verify();
-- => none

RESET search_path;
DROP SCHEMA s CASCADE;
SELECT relmeta.drop_principal('ann');
SELECT relmeta.drop_principal('bob');
