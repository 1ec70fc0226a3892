SELECT name, lookup_column, preset FROM relmeta.one_to_many ORDER BY name COLLATE "C";
-- => customer_rental|customer_id|referential_restrict
-- => film_inventory|film_id|referential_restrict
-- => inventory_rental|inventory_id|referential_restrict
-- => language_film|language_id|referential_restrict
-- => language_film_original_language_id|original_language_id|referential_restrict
-- => staff_rental|staff_id|referential_restrict
-- => staff_store|manager_staff_id|referential_restrict
-- => store_customer|store_id|referential_restrict
-- => store_inventory|store_id|referential_restrict
-- => store_staff|store_id|referential_restrict
SELECT name, attributes FROM relmeta.many_to_many;
-- => film_actor|last_update timestamp with time zone NOT NULL DEFAULT now()
SELECT relmeta.associate('film_actor', 1, 2);
-- => 1
SELECT actors FROM film_list ORDER BY film_id;
-- => PENELOPE, NICK
-- => PENELOPE
-- a key is changed, and those that follow it by ON UPDATE CASCADE do so still
UPDATE film SET film_id = 10 WHERE film_id = 1;
SELECT film_id FROM inventory ORDER BY inventory_id;
-- => 10
-- => 2
DELETE FROM language WHERE language_id = 1;
SELECT :'LAST_ERROR_SQLSTATE' IN ('23503', '23001');
-- => t
-- a customer and what he rents have owners
ALTER TABLE customer ADD owner_id text;
ALTER TABLE rental ADD owner_id text;
SELECT relmeta.register_table('customer', 'owner_id', 'activebool');
SELECT relmeta.register_table('rental', 'owner_id');
SELECT relmeta.update_relationship('customer_rental', assign => 'all', reparent => 'all', share => 'all');
UPDATE customer SET owner_id = CASE customer_id WHEN 1 THEN 'ann' ELSE 'bob' END;
SELECT rental_id, owner_id FROM rental ORDER BY 1;
-- => 1|ann
-- => 2|bob
SELECT relmeta.share('customer', 2, 'ann', '{read,write}');
-- => 2
UPDATE rental SET customer_id = 1 WHERE rental_id = 2;
SELECT relmeta.has_access('rental', 2, 'delete', 'ann');
-- => t
