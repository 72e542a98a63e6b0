WITH corrected AS (
  UPDATE {{history}} AS h
     SET checksum = $6::pg_catalog.text
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.previous OPERATOR(pg_catalog.=) $2::pg_catalog.text
     AND h.state OPERATOR(pg_catalog.=) $3::pg_catalog.text
     AND coalesce(h.checksum, '') OPERATOR(pg_catalog.=) $4::pg_catalog.text
     AND h.attempt OPERATOR(pg_catalog.=) $5::integer
  RETURNING 1
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM corrected
