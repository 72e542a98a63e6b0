CREATE TABLE hive.metric_retention (
  metric      text PRIMARY KEY,
  keep_for    interval NOT NULL CHECK (keep_for > interval '0'),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER metric_retention_touch_updated_at
  BEFORE UPDATE ON hive.metric_retention
  FOR EACH ROW EXECUTE FUNCTION hive.touch_updated_at();

COPY hive.metric_retention (metric, keep_for) FROM stdin;
cpu_seconds	30 days
memory_bytes	30 days
queue_length	7 days
\.

-- Deletes what is too old; returns how many buckets went.
CREATE FUNCTION hive.prune_agent_metrics() RETURNS bigint
LANGUAGE sql AS $$
  WITH gone AS (
    DELETE FROM hive.agent_metric m
    USING hive.metric_retention r
    WHERE m.metric = r.metric AND m.bucket < now() - r.keep_for
    RETURNING 1
  )
  SELECT count(*) FROM gone;
$$;
