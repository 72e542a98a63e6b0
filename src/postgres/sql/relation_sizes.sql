SELECT CASE WHEN n.nspname OPERATOR(pg_catalog.=) 'public'::pg_catalog.name THEN ''
            ELSE pg_catalog.quote_ident(n.nspname) OPERATOR(pg_catalog.||) '.' END
         OPERATOR(pg_catalog.||) pg_catalog.quote_ident(c.relname),
       c.relpages::pg_catalog.int8
         OPERATOR(pg_catalog.*) pg_catalog.current_setting('block_size')::pg_catalog.int8,
       CASE WHEN c.reltuples OPERATOR(pg_catalog.>=) 0::pg_catalog.float4
            THEN c.reltuples::pg_catalog.int8 END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relkind IN ('r', 'm', 'i')
  AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
  AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'::pg_catalog.name
