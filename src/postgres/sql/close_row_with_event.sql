WITH closed AS (
  UPDATE {{history}} AS h
     SET duration = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) h.applied_at
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.state OPERATOR(pg_catalog.=) 'applied'
     AND h.run_id OPERATOR(pg_catalog.=) $2::pg_catalog.uuid
     AND h.duration IS NULL
  RETURNING h.duration
), told AS (
  INSERT INTO {{events}} (event, version, duration, run_id, from_host, application)
  SELECT $3::pg_catalog.text, $1::pg_catalog.text, c.duration, $2::pg_catalog.uuid,
         $4::pg_catalog.text, $5::pg_catalog.text
    FROM closed AS c
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*),
       (extract(epoch FROM pg_catalog.max(c.duration)) OPERATOR(pg_catalog.*) 1000000)::bigint
  FROM closed AS c
