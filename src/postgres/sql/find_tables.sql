-- Tables by name, with their columns.  $1: the names, a line each.
SELECT n.nspname, c.relname, a.attname,
       n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)),
       n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema()
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
 WHERE c.relname OPERATOR(pg_catalog.=)
         ANY (pg_catalog.string_to_array($1::pg_catalog.text, E'\n'))
   AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::pg_catalog."char"[])
   AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
   AND a.attnum OPERATOR(pg_catalog.>) 0
   AND NOT a.attisdropped
 ORDER BY 1, 2, a.attnum
