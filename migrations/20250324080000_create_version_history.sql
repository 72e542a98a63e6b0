-- Every change of component.current_version, kept by a trigger so that no writer can forget it.
CREATE TABLE hive.version_history (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  component_id  bigint NOT NULL REFERENCES hive.component ON DELETE CASCADE,
  from_version  text,
  to_version    text,
  changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_by    text NOT NULL DEFAULT session_user,
  CHECK (from_version IS DISTINCT FROM to_version)
);

CREATE INDEX version_history_component_idx ON hive.version_history (component_id, changed_at DESC);

CREATE FUNCTION hive.record_version_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hive.version_history (component_id, from_version, to_version)
  VALUES (NEW.id, OLD.current_version, NEW.current_version);
  RETURN NULL;
END;
$$;

CREATE TRIGGER component_record_version_change
  AFTER UPDATE OF current_version ON hive.component
  FOR EACH ROW WHEN (OLD.current_version IS DISTINCT FROM NEW.current_version)
  EXECUTE FUNCTION hive.record_version_change();
