ALTER TABLE hive.component
  DROP CONSTRAINT component_current_version_is_known,
  DROP COLUMN current_version;

DROP TABLE hive.component_version;
