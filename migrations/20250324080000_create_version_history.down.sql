-- R__component_overview.sql reads this table.
DROP VIEW IF EXISTS hive.component_overview;

DROP TRIGGER component_record_version_change ON hive.component;
DROP FUNCTION hive.record_version_change();
DROP TABLE hive.version_history;
