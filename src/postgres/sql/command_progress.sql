-- How far the command of process $1 has come, by what its phase counts.
SELECT p.command, p.phase,
       CASE WHEN p.phase OPERATOR(pg_catalog.~~) 'waiting%' THEN p.lockers_done
            WHEN p.blocks_total OPERATOR(pg_catalog.>) 0 THEN p.blocks_done
            ELSE p.tuples_done END,
       CASE WHEN p.phase OPERATOR(pg_catalog.~~) 'waiting%' THEN p.lockers_total
            WHEN p.blocks_total OPERATOR(pg_catalog.>) 0 THEN p.blocks_total
            ELSE p.tuples_total END
  FROM pg_catalog.pg_stat_progress_create_index AS p
 WHERE p.pid OPERATOR(pg_catalog.=) $1::integer
UNION ALL
SELECT p.command, p.phase, p.heap_blks_scanned, p.heap_blks_total
  FROM pg_catalog.pg_stat_progress_cluster AS p
 WHERE p.pid OPERATOR(pg_catalog.=) $1::integer
UNION ALL
SELECT 'VACUUM', p.phase, p.heap_blks_scanned, p.heap_blks_total
  FROM pg_catalog.pg_stat_progress_vacuum AS p
 WHERE p.pid OPERATOR(pg_catalog.=) $1::integer
UNION ALL
SELECT p.command, '', p.bytes_processed, p.bytes_total
  FROM pg_catalog.pg_stat_progress_copy AS p
 WHERE p.pid OPERATOR(pg_catalog.=) $1::integer
 LIMIT 1
