DROP INDEX hive.component_draining_idx;

ALTER TABLE hive.component
  DROP CONSTRAINT component_draining_has_a_start,
  DROP COLUMN draining_since;
