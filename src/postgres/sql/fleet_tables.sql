-- Which history tables of many schemas are there and may be read.  has_table_privilege() alone would
-- raise for a table that goes away meanwhile; with an oid it is NULL then.
SELECT n.nspname,
       c.relname
  FROM pg_catalog.pg_namespace AS n
  JOIN pg_catalog.pg_class AS c
    ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
 WHERE n.nspname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])
   AND c.relname OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.name[])
   AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog."char"[])
   AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
   AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
