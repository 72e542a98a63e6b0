SELECT pg_catalog.pg_try_advisory_lock($1::integer, $2::integer),
       pg_catalog.pg_backend_pid(),
       pg_catalog.pg_is_in_recovery()
