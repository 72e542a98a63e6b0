SELECT pg_catalog.current_database(),
       session_user,
       current_user,
       pg_catalog.pg_backend_pid(),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('session_replication_role'),
       pg_catalog.host(pg_catalog.inet_client_addr()),
       pg_catalog.inet_client_port(),
       pg_catalog.current_setting('deadlock_timeout')
