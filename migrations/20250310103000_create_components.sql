CREATE TYPE hive.component_state AS ENUM ('planned', 'running', 'stopped');

CREATE TABLE hive.component (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  state       hive.component_state NOT NULL DEFAULT 'planned',
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER component_touch_updated_at
  BEFORE UPDATE ON hive.component
  FOR EACH ROW EXECUTE FUNCTION hive.touch_updated_at();
