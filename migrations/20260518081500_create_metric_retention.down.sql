DROP FUNCTION hive.prune_agent_metrics();
DROP TABLE hive.metric_retention;
