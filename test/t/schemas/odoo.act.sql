SELECT relation, problem FROM relmeta.adoptable;
-- => sale_order|foreign key "sale_order_partner_id_company_id_fkey" has more than one column
SELECT count(*) FROM relmeta.one_to_many;
-- => 18
SELECT primary_table, related_table, lookup_column, delete FROM relmeta.one_to_many
WHERE related_table IN ('res_partner_category'::regclass, 'sale_order'::regclass, 'sale_order_line'::regclass)
ORDER BY name COLLATE "C";
-- => res_company|sale_order|company_id|restrict
-- => res_partner_category|res_partner_category|parent_id|all
-- => res_partner|sale_order|partner_id|restrict
-- => res_users|sale_order|user_id|remove_link
-- => sale_order|sale_order_line|order_id|all
SELECT name FROM relmeta.many_to_many ORDER BY name COLLATE "C";
-- => res_groups_users_rel
-- => res_partner_res_partner_category_rel
SELECT relmeta.associated('res_groups_users_rel', 1) AS k ORDER BY 1;
-- => 1
-- => 2
DELETE FROM res_partner WHERE id = 2;
SELECT :'LAST_ERROR_SQLSTATE' IN ('23503', '23001'); -- 18 says 23001
-- => t
DELETE FROM sale_order WHERE name = 'S2';
DELETE FROM res_partner WHERE id = 2;
DELETE FROM res_partner_category WHERE name = 'Services';
SELECT (SELECT count(*) FROM res_partner_category), (SELECT count(*) FROM res_partner_res_partner_category_rel),
  (SELECT count(*) FROM sale_order_line);
-- => 0|0|2
-- the salesman owns the order, its lines have no owner; a copy of the orders' total would be a generated column
SELECT relmeta.register_principals('res_users');
SELECT relmeta.register_table('sale_order', 'user_id', 'state', '{draft,sale}', 'cancel');
SELECT relmeta.update_relationship('sale_order_sale_order_line', reparent => 'all', share => 'all');
SELECT relmeta.share('sale_order', 1, '1', '{read,write}');
-- => 3
SELECT relmeta.has_access('sale_order_line', 1, 'write', '1'), relmeta.has_access('sale_order_line', 2, 'delete', '1');
-- => t|f
UPDATE sale_order SET user_id = 1 WHERE id = 1;
SELECT relmeta.principal_access('sale_order_line', 1, '1');
-- => {read,write,append,append_to,delete,share,assign}
UPDATE sale_order SET user_id = NULL WHERE id = 1;
SELECT relmeta.principal_access('sale_order_line', 1, '1');
-- => {read,write}
