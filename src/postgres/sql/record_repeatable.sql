-- $3 is the checksum that the plan saw as the current one, '' for none.  If there is another by
-- now, the row is not inserted (division by zero) or collides with it on the unique index.
WITH superseded AS (
  UPDATE {{repeatable}} AS r
     SET current = false
   WHERE r.name OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND r.checksum OPERATOR(pg_catalog.=) $3::pg_catalog.text
     AND r.current
  RETURNING 1
), recorded AS (
  INSERT INTO {{repeatable}} (name, checksum, applied_at, duration, run_id, current)
  SELECT $1::pg_catalog.text, $2::pg_catalog.text, pg_catalog.clock_timestamp(),
         $4::bigint OPERATOR(pg_catalog.*) interval '1 microsecond', $5::pg_catalog.uuid, true
   WHERE (SELECT pg_catalog.count(*) FROM superseded) OPERATOR(pg_catalog.=)
         CASE WHEN $3::pg_catalog.text OPERATOR(pg_catalog.=) '' THEN 0 ELSE 1 END
  RETURNING 1
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM recorded
