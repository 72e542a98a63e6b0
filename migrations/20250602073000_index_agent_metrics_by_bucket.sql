-- headway: transaction=none
-- The table is written all the time; CONCURRENTLY lets the writers go on.
CREATE INDEX CONCURRENTLY agent_metric_bucket_idx ON hive.agent_metric (bucket DESC, metric);
