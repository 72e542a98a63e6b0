-- headway: statement_timeout=30m
-- Reads the whole table while writers go on.
ALTER TABLE hive.agent_metric VALIDATE CONSTRAINT agent_metric_is_consistent;
