-- What the primary has written, and who has replayed how much of it.  Who may not see the others gets
-- their rows, but not what is in them.
SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::pg_catalog.text,
       r.pid IS NOT NULL AND r.state IS NULL,
       r.application_name,
       pg_catalog.pg_wal_lsn_diff(r.replay_lsn, '0/0')::pg_catalog.text,
       (extract(epoch FROM r.replay_lag) OPERATOR(pg_catalog.*) 1000)::bigint
  FROM (VALUES (1)) AS one (row)
  LEFT JOIN pg_catalog.pg_stat_replication AS r
         ON r.replay_lsn IS NOT NULL OR r.state IS NULL
