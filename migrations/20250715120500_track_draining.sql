ALTER TABLE hive.component ADD COLUMN draining_since timestamptz;

UPDATE hive.component SET draining_since = updated_at WHERE state = 'draining';

ALTER TABLE hive.component
  ADD CONSTRAINT component_draining_has_a_start
    CHECK (state <> 'draining' OR draining_since IS NOT NULL);

CREATE INDEX component_draining_idx ON hive.component (draining_since) WHERE state = 'draining';
