-- A row that this run did not start keeps the duration it has: only its own run could measure it.
WITH finished AS (
  UPDATE {{history}} AS h
     SET state = 'applied',
         duration = CASE WHEN h.run_id OPERATOR(pg_catalog.=) $3::pg_catalog.uuid
                              AND h.state OPERATOR(pg_catalog.=) 'running'
                         THEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) h.applied_at
                         ELSE coalesce(h.duration, interval '0') END
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.attempt OPERATOR(pg_catalog.=) $2::integer
     AND h.state OPERATOR(pg_catalog.=) ANY (ARRAY['running', 'failed']::pg_catalog.text[])
  RETURNING (extract(epoch FROM h.duration) OPERATOR(pg_catalog.*) 1000000)::bigint AS duration
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*), pg_catalog.max(f.duration) FROM finished AS f
