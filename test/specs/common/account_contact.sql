-- account_contact.sql: what is left of tables account and contact, for the specs of deletes.
CREATE VIEW state AS
SELECT (SELECT string_agg(id::text, ' ' ORDER BY id) FROM account) AS account,
  (SELECT string_agg(id || '(' || coalesce(account_id::text, '-') || ')' || owner, ' ' ORDER BY id) FROM contact) AS contact,
  (SELECT count(*) FROM contact c WHERE account_id NOT IN (SELECT id FROM account)) AS orphans;
