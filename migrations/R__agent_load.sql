-- The last hour of every agent, one row per metric.
CREATE OR REPLACE VIEW hive.agent_load AS
SELECT a.name AS agent,
       m.metric,
       sum(m.total) / sum(m.samples) AS average,
       min(m.minimum) AS minimum,
       max(m.maximum) AS maximum
FROM hive.agent a
JOIN hive.agent_metric m ON m.agent_id = a.id
WHERE m.bucket >= hive.time_bucket(now() - interval '1 hour')
GROUP BY a.name, m.metric;
