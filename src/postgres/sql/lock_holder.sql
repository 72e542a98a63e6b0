SELECT l.pid,
       a.application_name,
       CASE WHEN a.client_addr IS NOT NULL THEN pg_catalog.host(a.client_addr)
            WHEN a.client_port IS NOT NULL THEN 'local' END,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::bigint,
       ((SELECT count(*) FROM pg_catalog.pg_stat_get_backend_idset()) OPERATOR(pg_catalog.*) 4)
         OPERATOR(pg_catalog.>)
         (pg_catalog.current_setting('max_connections')::integer OPERATOR(pg_catalog.*) 3)
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid
 WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
   AND l.database OPERATOR(pg_catalog.=)
       (SELECT d.oid FROM pg_catalog.pg_database AS d
         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
   AND l.classid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
   AND l.objid OPERATOR(pg_catalog.=) $2::pg_catalog.oid
   AND l.objsubid OPERATOR(pg_catalog.=) 2
   AND l.granted
 LIMIT 1
