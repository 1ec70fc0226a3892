SELECT name, primary_table, related_table, lookup_column, preset FROM relmeta.one_to_many ORDER BY name COLLATE "C";
-- => categories_products|categories|products|category_id|referential_restrict
-- => customers_orders|customers|orders|customer_id|referential_restrict
-- => employees_employees|employees|employees|reports_to|referential_restrict
-- => employees_orders|employees|orders|employee_id|referential_restrict
-- => region_territories|region|territories|region_id|referential_restrict
-- => shippers_orders|shippers|orders|ship_via|referential_restrict
-- => suppliers_products|suppliers|products|supplier_id|referential_restrict
SELECT name, table1, table2, attributes FROM relmeta.many_to_many ORDER BY name COLLATE "C";
-- => customer_customer_demo|customers|customer_demographics|
-- => employee_territories|employees|territories|
-- => order_details|orders|products|unit_price real NOT NULL, quantity smallint NOT NULL
SELECT relmeta.associate('customer_customer_demo', 'BLO', 'shop');
-- => 1
SELECT relmeta.associated('customer_customer_demo', 'BLO  ');
-- => shop      
SELECT key, attributes ->> 'quantity' FROM relmeta.links('order_details', 10248) ORDER BY 1;
-- => 1|12
-- => 2|10
SELECT relmeta.associate('order_details', 10249, 2, '{"unit_price": 1.5, "quantity": 3}');
-- => 1
SELECT relmeta.associated_with_all('order_details', '{1,2}', 1);
-- => 10248
-- => 10249
DELETE FROM customers WHERE customer_id = 'ALFKI';
\echo :LAST_ERROR_SQLSTATE
-- => 23503
-- a customer has an owner, and his orders go with him
ALTER TABLE customers ADD owner_id text;
ALTER TABLE orders ADD owner_id text;
SELECT relmeta.register_table('customers', 'owner_id');
SELECT relmeta.register_table('orders', 'owner_id');
SELECT relmeta.update_relationship('customers_orders', assign => 'all', reparent => 'all', share => 'all');
SELECT relmeta.assign('customers', 'ALFKI', 'ann');
-- => 2
SELECT relmeta.share('customers', 'ALFKI', 'bob');
-- => 2
SELECT relmeta.has_access('orders', 10248, 'read', 'bob');
-- => t
SELECT object_key, access_rights_mask, inherited_access_rights_mask FROM relmeta.principal_object_access ORDER BY 1;
-- => 10248|0|1
-- => ALFKI|1|0
UPDATE orders SET customer_id = 'BLO' WHERE order_id = 10248;
SELECT relmeta.has_access('orders', 10248, 'read', 'bob');
-- => f
