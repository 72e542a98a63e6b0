WITH resumed AS (
  UPDATE {{history}} AS h
     SET state = 'running',
         attempt = h.attempt OPERATOR(pg_catalog.+) 1,
         duration = NULL,
         run_id = $6::pg_catalog.uuid,
         applied_at = pg_catalog.clock_timestamp(),
         applied_by = session_user,
         applied_from = $7::pg_catalog.text,
         headway_version = $8::pg_catalog.text
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.previous OPERATOR(pg_catalog.=) $2::pg_catalog.text
     AND h.state OPERATOR(pg_catalog.=) $3::pg_catalog.text
     AND coalesce(h.checksum, '') OPERATOR(pg_catalog.=) $4::pg_catalog.text
     AND h.attempt OPERATOR(pg_catalog.=) $5::integer
     AND h.state OPERATOR(pg_catalog.<>) 'applied'
  RETURNING h.attempt AS attempt
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*), pg_catalog.max(r.attempt) FROM resumed AS r
