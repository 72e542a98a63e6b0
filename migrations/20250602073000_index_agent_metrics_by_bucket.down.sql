-- headway: transaction=none
DROP INDEX CONCURRENTLY hive.agent_metric_bucket_idx;
