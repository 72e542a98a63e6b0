-- The relations that migrations may meet, and whatever else this session has locked: a relation
-- that it has dropped has no name any more.
WITH held AS MATERIALIZED (
  SELECT l.relation, pg_catalog.string_agg(DISTINCT l.mode, ',') AS modes
  FROM pg_catalog.pg_locks AS l
  WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
    AND l.granted AND l.locktype OPERATOR(pg_catalog.=) 'relation'
  GROUP BY l.relation
), relation AS (
  SELECT c.oid, c.relname, c.relkind, n.nspname, i.indrelid
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
  WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I')
    AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
    AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'::pg_catalog.name
)
SELECT coalesce(r.oid, h.relation),
       r.nspname,
       r.relname,
       CASE WHEN r.nspname OPERATOR(pg_catalog.=) 'public'::pg_catalog.name THEN ''
            ELSE pg_catalog.quote_ident(r.nspname) OPERATOR(pg_catalog.||) '.' END
         OPERATOR(pg_catalog.||) pg_catalog.quote_ident(r.relname),
       r.relkind IN ('i', 'I'),
       pg_catalog.pg_relation_filenode(r.oid),
       h.modes,
       CASE WHEN r.relkind IN ('r', 'm') THEN pg_catalog.pg_stat_get_xact_numscans(r.oid) END,
       r.indrelid
FROM relation AS r
FULL JOIN held AS h ON h.relation OPERATOR(pg_catalog.=) r.oid
