CREATE TABLE hive.agent (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          text NOT NULL UNIQUE,
  component_id  bigint REFERENCES hive.component ON DELETE SET NULL,
  labels        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object'),
  last_seen_at  timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX agent_component_idx ON hive.agent (component_id);
CREATE INDEX agent_labels_idx ON hive.agent USING gin (labels jsonb_path_ops);

CREATE TRIGGER agent_touch_updated_at
  BEFORE UPDATE ON hive.agent
  FOR EACH ROW EXECUTE FUNCTION hive.touch_updated_at();
