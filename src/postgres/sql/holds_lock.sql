-- A process locks in its own database only.
SELECT EXISTS (
  SELECT
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
     AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
     AND l.classid OPERATOR(pg_catalog.=) '$1'::pg_catalog.oid
     AND l.objid OPERATOR(pg_catalog.=) '$2'::pg_catalog.oid
     AND l.objsubid OPERATOR(pg_catalog.=) 2
     AND l.granted)
