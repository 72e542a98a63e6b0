WITH failure AS (
  SELECT e.*
    FROM {{events}} AS e
   WHERE e.error_id IS NOT NULL
   ORDER BY e.id DESC
   LIMIT 1
)
SELECT f.event, f.version, f.error_id, f.sqlstate, f.message,
       (extract(epoch FROM f.duration) OPERATOR(pg_catalog.*) 1000000)::bigint,
       (extract(epoch FROM f.at) OPERATOR(pg_catalog.*) 1000000)::bigint
  FROM failure AS f
 WHERE NOT EXISTS (
         SELECT
           FROM {{events}} AS s
          WHERE s.id OPERATOR(pg_catalog.>) f.id
            AND s.error_id IS NULL
            AND s.event OPERATOR(pg_catalog.<>) ALL (ARRAY['locked', 'reverting']::pg_catalog.text[]))
