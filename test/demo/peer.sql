\set ECHO none
/*
 * The peer: a copy of the tables whose rules are written by hand, as PL/pgSQL
 * row triggers and foreign keys.  It knows the rules that the demo uses, and
 * only those: owners must exist, an owner passes down, notes point to a row
 * that exists, and go with it.
 */
CREATE SCHEMA peer;

CREATE TABLE peer.principal (name text PRIMARY KEY);
INSERT INTO peer.principal SELECT name FROM person UNION SELECT name FROM team;

CREATE TABLE peer.section (LIKE section INCLUDING ALL);
INSERT INTO peer.section TABLE section;
CREATE TABLE peer.source_package (LIKE source_package INCLUDING ALL);
INSERT INTO peer.source_package TABLE source_package;
CREATE TABLE peer.binary_package (LIKE binary_package INCLUDING ALL);
INSERT INTO peer.binary_package TABLE binary_package;
CREATE TABLE peer.note (LIKE note INCLUDING ALL);
INSERT INTO peer.note TABLE note;

ALTER TABLE peer.source_package ADD FOREIGN KEY (owner) REFERENCES peer.principal;
ALTER TABLE peer.binary_package ADD FOREIGN KEY (owner) REFERENCES peer.principal,
  ADD FOREIGN KEY (source) REFERENCES peer.source_package ON DELETE CASCADE,
  ADD FOREIGN KEY (section) REFERENCES peer.section ON DELETE RESTRICT;
ALTER TABLE peer.note ADD FOREIGN KEY (owner) REFERENCES peer.principal;
CREATE INDEX ON peer.binary_package (source);
CREATE INDEX ON peer.binary_package (section);
CREATE INDEX ON peer.note (regarding, regarding_type);

CREATE FUNCTION peer.source_owner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE peer.binary_package SET owner = NEW.owner
   WHERE source = NEW.name AND owner IS DISTINCT FROM NEW.owner;
  UPDATE peer.note SET owner = NEW.owner
   WHERE regarding = NEW.name AND regarding_type = 'source_package' AND owner IS DISTINCT FROM NEW.owner;
  RETURN NULL;
END $$;
CREATE TRIGGER owner_changed AFTER UPDATE OF owner ON peer.source_package FOR EACH ROW
  WHEN (OLD.owner IS DISTINCT FROM NEW.owner) EXECUTE FUNCTION peer.source_owner_changed();

CREATE FUNCTION peer.binary_owner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE peer.note SET owner = NEW.owner
   WHERE regarding = NEW.name AND regarding_type = 'binary_package' AND owner IS DISTINCT FROM NEW.owner;
  RETURN NULL;
END $$;
CREATE TRIGGER owner_changed AFTER UPDATE OF owner ON peer.binary_package FOR EACH ROW
  WHEN (OLD.owner IS DISTINCT FROM NEW.owner) EXECUTE FUNCTION peer.binary_owner_changed();

CREATE FUNCTION peer.package_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM peer.note WHERE regarding = OLD.name AND regarding_type = TG_TABLE_NAME;
  RETURN NULL;
END $$;
CREATE TRIGGER deleted AFTER DELETE ON peer.source_package FOR EACH ROW EXECUTE FUNCTION peer.package_deleted();
CREATE TRIGGER deleted AFTER DELETE ON peer.binary_package FOR EACH ROW EXECUTE FUNCTION peer.package_deleted();

CREATE FUNCTION peer.note_regards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE NEW.regarding_type
    WHEN 'source_package' THEN
      PERFORM FROM peer.source_package WHERE name = NEW.regarding FOR KEY SHARE;
    WHEN 'binary_package' THEN
      PERFORM FROM peer.binary_package WHERE name = NEW.regarding FOR KEY SHARE;
    ELSE
      RAISE check_violation USING MESSAGE = 'a note regards a source_package or a binary_package';
  END CASE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING MESSAGE = 'the note regards no existing row';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER regards BEFORE INSERT OR UPDATE OF regarding, regarding_type ON peer.note
  FOR EACH ROW EXECUTE FUNCTION peer.note_regards();

VACUUM ANALYZE;
\set ECHO queries
