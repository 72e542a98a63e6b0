INSERT INTO {{events}}
       (event, version, duration, error_id, sqlstate, message, run_id, from_host, application)
VALUES ($1::pg_catalog.text, $2::pg_catalog.text,
        $3::bigint OPERATOR(pg_catalog.*) interval '1 microsecond', $4::pg_catalog.text,
        $5::pg_catalog.text, $6::pg_catalog.text, $7::pg_catalog.uuid, $8::pg_catalog.text,
        $9::pg_catalog.text)
