CREATE TABLE hive.component_version (
  component_id  bigint NOT NULL REFERENCES hive.component ON DELETE CASCADE,
  version       text NOT NULL,
  revision      text CHECK (revision ~ '^[0-9a-f]{7,64}$'),
  released_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (component_id, version)
);

-- What runs now; null until the first rollout.
ALTER TABLE hive.component
  ADD COLUMN current_version text,
  ADD CONSTRAINT component_current_version_is_known
    FOREIGN KEY (id, current_version) REFERENCES hive.component_version (component_id, version);
