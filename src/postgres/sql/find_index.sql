-- The index $2 of table $1: its name, whether it is valid, what it is, and who builds it just now.
-- A process that builds one on the table may hide which.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
       i.indisvalid AND i.indisready,
       i.indisunique,
       pg_catalog."substring"(pg_catalog.pg_get_indexdef(c.oid), ' USING .*$'),
       c.relkind OPERATOR(pg_catalog.<>) 'i'
       OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                   WHERE k.conindid OPERATOR(pg_catalog.=) c.oid)
       OR EXISTS (SELECT FROM pg_catalog.pg_inherits AS h
                   WHERE h.inhrelid OPERATOR(pg_catalog.=) c.oid),
       (SELECT pg_catalog.min(p.pid)
          FROM pg_catalog.pg_stat_progress_create_index AS p
         WHERE p.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
           AND coalesce(p.index_relid OPERATOR(pg_catalog.=) c.oid,
                        EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                                 WHERE l.pid OPERATOR(pg_catalog.=) p.pid
                                   AND l.relation OPERATOR(pg_catalog.=) i.indrelid
                                   AND l.mode OPERATOR(pg_catalog.=) 'ShareUpdateExclusiveLock')))
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
   AND c.relname OPERATOR(pg_catalog.=) (pg_catalog.parse_ident($2))[1]
