-- The film rental: RESTRICT keys that follow an update, an enum, a domain, an array and a tsvector, a trigger on each table,
-- payments in partitions, a store and its manager that point to each other, views.
CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
CREATE DOMAIN year AS int CHECK (VALUE BETWEEN 1901 AND 2155);
CREATE FUNCTION last_updated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.last_update = now(); RETURN NEW; END $$;
CREATE TABLE language (language_id serial PRIMARY KEY, name char(20) NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE film (
  film_id serial PRIMARY KEY, title text NOT NULL, release_year year,
  language_id int NOT NULL REFERENCES language ON UPDATE CASCADE ON DELETE RESTRICT,
  original_language_id int REFERENCES language ON UPDATE CASCADE ON DELETE RESTRICT,
  rating mpaa_rating DEFAULT 'G', special_features text[], fulltext tsvector NOT NULL,
  last_update timestamptz NOT NULL DEFAULT now());
CREATE INDEX film_fulltext_idx ON film USING gist (fulltext);
CREATE TRIGGER film_fulltext_trigger BEFORE INSERT OR UPDATE ON film
  FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title');
CREATE TABLE film_actor (
  actor_id int NOT NULL REFERENCES actor ON UPDATE CASCADE ON DELETE RESTRICT,
  film_id int NOT NULL REFERENCES film ON UPDATE CASCADE ON DELETE RESTRICT,
  last_update timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (actor_id, film_id));
CREATE INDEX idx_fk_film_id ON film_actor (film_id);
CREATE TABLE store (store_id serial PRIMARY KEY, manager_staff_id int NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE UNIQUE INDEX idx_unq_manager_staff_id ON store (manager_staff_id);
CREATE TABLE staff (staff_id serial PRIMARY KEY, store_id int NOT NULL REFERENCES store, username text NOT NULL);
INSERT INTO store VALUES (1, 1);
INSERT INTO staff VALUES (1, 1, 'mike');
ALTER TABLE store ADD FOREIGN KEY (manager_staff_id) REFERENCES staff ON UPDATE CASCADE ON DELETE RESTRICT;
CREATE TABLE customer (
  customer_id serial PRIMARY KEY, store_id int NOT NULL REFERENCES store ON UPDATE CASCADE ON DELETE RESTRICT,
  first_name text NOT NULL, activebool boolean NOT NULL DEFAULT true);
CREATE TABLE inventory (
  inventory_id serial PRIMARY KEY, film_id int NOT NULL REFERENCES film ON UPDATE CASCADE ON DELETE RESTRICT,
  store_id int NOT NULL REFERENCES store ON UPDATE CASCADE ON DELETE RESTRICT);
CREATE TABLE rental (
  rental_id serial PRIMARY KEY, rental_date timestamptz NOT NULL,
  inventory_id int NOT NULL REFERENCES inventory ON UPDATE CASCADE ON DELETE RESTRICT,
  customer_id int NOT NULL REFERENCES customer ON UPDATE CASCADE ON DELETE RESTRICT,
  staff_id int NOT NULL REFERENCES staff ON UPDATE CASCADE ON DELETE RESTRICT);
CREATE UNIQUE INDEX idx_unq_rental ON rental (rental_date, inventory_id, customer_id);
CREATE TABLE payment (
  payment_id int NOT NULL, customer_id int NOT NULL, rental_id int NOT NULL, amount numeric(5,2) NOT NULL,
  payment_date timestamptz NOT NULL, PRIMARY KEY (payment_date, payment_id)) PARTITION BY RANGE (payment_date);
CREATE TABLE payment_p2022_01 PARTITION OF payment FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
CREATE TABLE payment_p2022_02 PARTITION OF payment FOR VALUES FROM ('2022-02-01') TO ('2022-03-01');
ALTER TABLE payment_p2022_01 ADD FOREIGN KEY (customer_id) REFERENCES customer;
ALTER TABLE payment_p2022_02 ADD FOREIGN KEY (customer_id) REFERENCES customer;
DO $$ BEGIN EXECUTE (SELECT string_agg(format('CREATE TRIGGER last_updated BEFORE UPDATE ON %I FOR EACH ROW '
  'EXECUTE FUNCTION last_updated();', t), ' ') FROM unnest('{language,actor,film,film_actor,store}'::text[]) t); END $$;
CREATE VIEW film_list AS SELECT f.film_id, f.title, group_concat.actors
  FROM film f, LATERAL (SELECT string_agg(a.first_name, ', ') AS actors
    FROM film_actor fa JOIN actor a USING (actor_id) WHERE fa.film_id = f.film_id) group_concat;
INSERT INTO language (name) VALUES ('English'), ('Italian');
INSERT INTO actor (first_name) VALUES ('PENELOPE'), ('NICK');
INSERT INTO film (title, release_year, language_id, fulltext) VALUES ('ACADEMY DINOSAUR', 2006, 1, ''), ('ACE GOLDFINGER', 2006, 1, '');
INSERT INTO film_actor VALUES (1, 1), (2, 1);
INSERT INTO customer (store_id, first_name) VALUES (1, 'MARY'), (1, 'PATRICIA');
INSERT INTO inventory (film_id, store_id) VALUES (1, 1), (2, 1);
INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id) VALUES ('2022-01-02', 1, 1, 1), ('2022-02-02', 2, 2, 1);
INSERT INTO payment VALUES (1, 1, 1, 2.99, '2022-01-03'), (2, 2, 2, 4.99, '2022-02-03');
