-- The constraints that are checked at once unless a transaction defers them, as far as our role may
-- name them.
SELECT pg_catalog.string_agg(pg_catalog.quote_ident(n.nspname) OPERATOR(pg_catalog.||) '.'
                               OPERATOR(pg_catalog.||) pg_catalog.quote_ident(c.conname), ', ')
  FROM pg_catalog.pg_constraint AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.connamespace
 WHERE c.condeferrable
   AND NOT c.condeferred
   AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_temp_')
   AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
