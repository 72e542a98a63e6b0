-- What runs, and since when.
CREATE OR REPLACE VIEW hive.component_overview AS
SELECT c.name AS component,
       c.current_version,
       h.changed_at AS running_since,
       h.from_version AS previous_version
FROM hive.component c
LEFT JOIN LATERAL (
  SELECT v.changed_at, v.from_version
  FROM hive.version_history v
  WHERE v.component_id = c.id
  ORDER BY v.id DESC
  LIMIT 1
) h ON true;
