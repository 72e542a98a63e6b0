-- Roles other than the owner that may change the history: what is stored there would run as us.
-- A superuser may do anything anyway.
WITH history AS (
  SELECT c.oid, c.relowner, coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) AS acl
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
   WHERE n.nspname OPERATOR(pg_catalog.=) {{schema_literal}}::pg_catalog.name
     AND c.relname OPERATOR(pg_catalog.=) {{history_literal}}::pg_catalog.name
), granted AS (
  SELECT g.grantee, g.privilege_type, h.relowner
    FROM history AS h CROSS JOIN LATERAL pg_catalog.aclexplode(h.acl) AS g
  UNION ALL
  SELECT g.grantee, g.privilege_type, h.relowner
    FROM history AS h
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) h.oid
   CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS g
)
SELECT DISTINCT coalesce(r.rolname::pg_catalog.text, 'PUBLIC')
  FROM granted AS g
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) g.grantee
 WHERE g.grantee OPERATOR(pg_catalog.<>) g.relowner
   AND g.privilege_type OPERATOR(pg_catalog.=)
       ANY (ARRAY['INSERT', 'UPDATE', 'DELETE']::pg_catalog.text[])
   AND r.rolsuper IS NOT TRUE
 ORDER BY 1
