DROP TABLE hive.component;
DROP TYPE hive.component_state;
