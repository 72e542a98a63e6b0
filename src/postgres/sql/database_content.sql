-- What is neither the server's nor an extension's.
WITH schema AS (
  SELECT n.oid, n.nspname
  FROM pg_catalog.pg_namespace AS n
  WHERE NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
    AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'::pg_catalog.name
), object AS (
  SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass AS class, s.oid,
         'schema ' OPERATOR(pg_catalog.||) s.nspname AS name
  FROM schema AS s WHERE s.nspname OPERATOR(pg_catalog.<>) 'public'::pg_catalog.name
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid,
         'relation ' OPERATOR(pg_catalog.||) c.relname
  FROM pg_catalog.pg_class AS c JOIN schema AS s ON s.oid OPERATOR(pg_catalog.=) c.relnamespace
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid,
         'function ' OPERATOR(pg_catalog.||) p.proname
  FROM pg_catalog.pg_proc AS p JOIN schema AS s ON s.oid OPERATOR(pg_catalog.=) p.pronamespace
  UNION ALL
  SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid,
         'type ' OPERATOR(pg_catalog.||) t.typname
  FROM pg_catalog.pg_type AS t JOIN schema AS s ON s.oid OPERATOR(pg_catalog.=) t.typnamespace
  WHERE t.typtype IN ('d', 'e', 'r')
)
SELECT o.name
FROM object AS o
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  WHERE d.classid OPERATOR(pg_catalog.=) o.class::pg_catalog.oid
    AND d.objid OPERATOR(pg_catalog.=) o.oid
    AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char")
ORDER BY o.name
LIMIT 1
