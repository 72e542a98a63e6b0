-- R__agent_load.sql reads this table.
DROP VIEW IF EXISTS hive.agent_load;

DROP FUNCTION hive.record_metric(uuid, text, timestamptz, double precision);
DROP TABLE hive.agent_metric;
DROP FUNCTION hive.time_bucket(timestamptz);
