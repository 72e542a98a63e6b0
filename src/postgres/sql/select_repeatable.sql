SELECT r.name,
       r.checksum,
       r.current,
       (extract(epoch FROM r.applied_at) OPERATOR(pg_catalog.*) 1000000)::bigint,
       (extract(epoch FROM r.duration) OPERATOR(pg_catalog.*) 1000000)::bigint,
       r.run_id::pg_catalog.text
  FROM {{repeatable}} AS r
 ORDER BY r.name, r.applied_at
