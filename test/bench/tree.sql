-- tree.sql: the tables of every case, in schema :schema, of about :scale rows.
--
-- 1 account : 5 contacts : 15 tasks, as plain tables; every row belongs to 'ann'.  :fk is 'true' for native
-- foreign keys with ON DELETE CASCADE.
SELECT greatest(:scale / 21, 1) AS n \gset
CREATE SCHEMA :schema;

CREATE TABLE :schema.account (
  id        bigint PRIMARY KEY,
  owner_id  text,
  is_active boolean NOT NULL DEFAULT true,
  body      text NOT NULL DEFAULT 'an account'
);
CREATE TABLE :schema.contact (
  id         bigint PRIMARY KEY,
  account_id bigint,
  owner_id   text,
  is_active  boolean NOT NULL DEFAULT true,
  body       text NOT NULL DEFAULT 'a contact'
);
CREATE TABLE :schema.task (
  id         bigint PRIMARY KEY,
  contact_id bigint,
  owner_id   text,
  is_active  boolean NOT NULL DEFAULT true,
  body       text NOT NULL DEFAULT 'a task'
);

INSERT INTO :schema.account SELECT i, 'ann' FROM generate_series(1, :n) i;
INSERT INTO :schema.contact SELECT i, (i - 1) / 5 + 1, 'ann' FROM generate_series(1, :n * 5) i;
INSERT INTO :schema.task SELECT i, (i - 1) / 3 + 1, 'ann' FROM generate_series(1, :n * 15) i;

CREATE INDEX ON :schema.contact (account_id);
CREATE INDEX ON :schema.task (contact_id);

\if :fk
ALTER TABLE :schema.contact ADD FOREIGN KEY (account_id) REFERENCES :schema.account ON DELETE CASCADE;
ALTER TABLE :schema.task ADD FOREIGN KEY (contact_id) REFERENCES :schema.contact ON DELETE CASCADE;
\endif
