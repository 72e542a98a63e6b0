-- Tables with their columns: those with one of the names ($1, a line each), and of those in the
-- search path the ones that have just these columns ($2, a line for each table: names in the order
-- of their bytes, divided by blanks).
SELECT n.nspname, c.relname, a.attname,
       n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)),
       n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema()
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
 WHERE (c.relname OPERATOR(pg_catalog.=)
          ANY (pg_catalog.string_to_array($1::pg_catalog.text, E'\n'))
        OR $2::pg_catalog.text OPERATOR(pg_catalog.<>) ''
           AND n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false))
           AND (SELECT pg_catalog.string_agg(o.attname, ' ' ORDER BY o.attname COLLATE "C")
                  FROM pg_catalog.pg_attribute AS o
                 WHERE o.attrelid OPERATOR(pg_catalog.=) c.oid
                   AND o.attnum OPERATOR(pg_catalog.>) 0
                   AND NOT o.attisdropped) OPERATOR(pg_catalog.=)
               ANY (pg_catalog.string_to_array($2::pg_catalog.text, E'\n')))
   AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::pg_catalog."char"[])
   AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
   AND a.attnum OPERATOR(pg_catalog.>) 0
   AND NOT a.attisdropped
 ORDER BY 1, 2, a.attnum
