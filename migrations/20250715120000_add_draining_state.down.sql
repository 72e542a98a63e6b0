-- An enum can't lose a value, so the type is built anew; what was draining counts as stopped.
ALTER TYPE hive.component_state RENAME TO component_state_with_draining;
CREATE TYPE hive.component_state AS ENUM ('planned', 'running', 'stopped');

ALTER TABLE hive.component
  ALTER COLUMN state DROP DEFAULT,
  ALTER COLUMN state TYPE hive.component_state
    USING (CASE state WHEN 'draining' THEN 'stopped' ELSE state::text END)::hive.component_state,
  ALTER COLUMN state SET DEFAULT 'planned';

DROP TYPE hive.component_state_with_draining;
