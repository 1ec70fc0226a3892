-- triggers.sql: schema trig, the tree under PL/pgSQL row triggers that keep the rules which relmeta keeps for
-- schema managed: an owner passes down, a related row points to one that exists, and goes with it.
-- (That owners exist, which relmeta checks too, is left out: it would only slow this side down.)

CREATE FUNCTION trig.account_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE trig.contact SET owner_id = NEW.owner_id
   WHERE account_id = NEW.id AND owner_id IS DISTINCT FROM NEW.owner_id;
  RETURN NULL;
END $$;
CREATE FUNCTION trig.contact_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE trig.task SET owner_id = NEW.owner_id
   WHERE contact_id = NEW.id AND owner_id IS DISTINCT FROM NEW.owner_id;
  RETURN NULL;
END $$;
CREATE TRIGGER assigned AFTER UPDATE OF owner_id ON trig.account FOR EACH ROW
  WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id) EXECUTE FUNCTION trig.account_assigned();
CREATE TRIGGER assigned AFTER UPDATE OF owner_id ON trig.contact FOR EACH ROW
  WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id) EXECUTE FUNCTION trig.contact_assigned();

CREATE FUNCTION trig.account_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM trig.contact WHERE account_id = OLD.id;
  RETURN NULL;
END $$;
CREATE FUNCTION trig.contact_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM trig.task WHERE contact_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER deleted AFTER DELETE ON trig.account FOR EACH ROW EXECUTE FUNCTION trig.account_deleted();
CREATE TRIGGER deleted AFTER DELETE ON trig.contact FOR EACH ROW EXECUTE FUNCTION trig.contact_deleted();

CREATE FUNCTION trig.contact_linked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.account_id IS NOT NULL THEN
    PERFORM FROM trig.account WHERE id = NEW.account_id FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE foreign_key_violation;
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION trig.task_linked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.contact_id IS NOT NULL THEN
    PERFORM FROM trig.contact WHERE id = NEW.contact_id FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE foreign_key_violation;
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER linked AFTER INSERT OR UPDATE OF account_id ON trig.contact FOR EACH ROW
  EXECUTE FUNCTION trig.contact_linked();
CREATE TRIGGER linked AFTER INSERT OR UPDATE OF contact_id ON trig.task FOR EACH ROW
  EXECUTE FUNCTION trig.task_linked();
