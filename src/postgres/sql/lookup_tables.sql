-- The catalogue, not to_regclass: that one raises when the role lacks USAGE on the schema.
-- The owner is us if we can act as it.  From 16 on being a member is not enough: who creates a role
-- is one, to administer it.
SELECT n.nspname,
       c.relname,
       pg_catalog.pg_get_userbyid(c.relowner),
       CASE WHEN pg_catalog.current_setting('server_version_num')::integer
                 OPERATOR(pg_catalog.<) 160000
            THEN pg_catalog.pg_has_role(c.relowner, 'MEMBER')
            ELSE pg_catalog.pg_has_role(c.relowner, 'USAGE')
                 OR pg_catalog.pg_has_role(c.relowner, 'SET') END,
       (SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, ',')
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
           AND a.attnum OPERATOR(pg_catalog.>) 0
           AND NOT a.attisdropped),
       pg_catalog.has_table_privilege(c.oid, 'SELECT')
  FROM pg_catalog.pg_namespace AS n
  LEFT JOIN pg_catalog.pg_class AS c
         ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
        AND c.relname OPERATOR(pg_catalog.=) ANY ({{names}}::pg_catalog.name[])
        AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog."char"[])
 WHERE n.nspname OPERATOR(pg_catalog.=) {{schema_literal}}::pg_catalog.name
