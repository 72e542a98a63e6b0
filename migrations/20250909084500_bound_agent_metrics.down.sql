ALTER TABLE hive.agent_metric DROP CONSTRAINT agent_metric_is_consistent;
