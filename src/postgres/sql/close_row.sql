WITH closed AS (
  UPDATE {{history}} AS h
     SET duration = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) h.applied_at
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.state OPERATOR(pg_catalog.=) 'applied'
     AND h.run_id OPERATOR(pg_catalog.=) $2::pg_catalog.uuid
     AND h.duration IS NULL
  RETURNING (extract(epoch FROM h.duration) OPERATOR(pg_catalog.*) 1000000)::bigint AS duration
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*), pg_catalog.max(c.duration) FROM closed AS c
