-- The guard of the chain: `previous` is taken, or is not there, if the plan is stale.
INSERT INTO {{history}}
       (version, previous, name, checksum, kind, state, down_sql, down_checksum, irreversible,
        run_id, applied_at, applied_by, applied_from, headway_version)
VALUES ($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.text, $4::pg_catalog.text,
        $5::pg_catalog.text, $6::pg_catalog.text, $7::pg_catalog.text, $8::pg_catalog.text,
        $9::boolean, $10::pg_catalog.uuid, pg_catalog.clock_timestamp(), session_user,
        $11::pg_catalog.text, $12::pg_catalog.text)
