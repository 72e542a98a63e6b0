-- What a REINDEX CONCURRENTLY that did not end leaves behind: the new index before the exchange, the
-- old one after it.  $1 is an index or a table.
WITH reindexed AS (
  SELECT coalesce(i.indrelid, c.oid) AS oid
    FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
   WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
), tables AS (
  SELECT r.oid FROM reindexed AS r
  UNION ALL
  SELECT t.reltoastrelid
    FROM reindexed AS r JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) r.oid
)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_index AS i
  JOIN tables AS t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE NOT i.indisvalid
   AND c.relkind OPERATOR(pg_catalog.=) 'i'
   AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                    WHERE k.conindid OPERATOR(pg_catalog.=) c.oid)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
                     JOIN pg_catalog.pg_locks AS l ON l.pid OPERATOR(pg_catalog.=) p.pid
                    WHERE p.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
                      AND l.relation OPERATOR(pg_catalog.=) i.indrelid)
 ORDER BY 1
