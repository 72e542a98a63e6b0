WITH written AS (
  UPDATE {{history}} AS h
     SET journal = $3::pg_catalog.text[]
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.attempt OPERATOR(pg_catalog.=) $2::integer
     AND h.state OPERATOR(pg_catalog.=) 'running'
  RETURNING 1
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM written
