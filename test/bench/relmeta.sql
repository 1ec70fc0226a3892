-- relmeta.sql: schemas fk and managed, the tree under relmeta, with native keys and without.
SELECT relmeta.create_user(u) FROM unnest('{ann,bob,cat}'::text[]) u;

SELECT format('SELECT relmeta.register_table(%L, owner_column => ''owner_id'', state_column => ''is_active'')', s || '.' || t)
  FROM unnest('{fk,managed}'::text[]) s, unnest('{account,contact,task}'::text[]) t \gexec

SELECT relmeta.create_one_to_many('fk.account', 'fk.contact', 'account_id', preset => 'parental');
SELECT relmeta.create_one_to_many('fk.contact', 'fk.task', 'contact_id', preset => 'parental');
SELECT relmeta.create_one_to_many('managed.account', 'managed.contact', 'account_id', preset => 'parental', foreign_key => false);
SELECT relmeta.create_one_to_many('managed.contact', 'managed.task', 'contact_id', preset => 'parental', foreign_key => false);
