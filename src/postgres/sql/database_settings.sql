SELECT pg_catalog.split_part(s.one, '=', 1),
       pg_catalog.substr(s.one, pg_catalog.strpos(s.one, '=') OPERATOR(pg_catalog.+) 1)
FROM pg_catalog.pg_db_role_setting AS r
JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) r.setdatabase
CROSS JOIN LATERAL pg_catalog.unnest(r.setconfig) AS s (one)
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
  AND (r.setrole OPERATOR(pg_catalog.=) 0::pg_catalog.oid
       OR r.setrole OPERATOR(pg_catalog.=) (SELECT o.oid FROM pg_catalog.pg_roles AS o
                                            WHERE o.rolname OPERATOR(pg_catalog.=) session_user))
ORDER BY r.setrole
