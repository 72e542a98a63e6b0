-- $1 is the process that migrates.  What it waits for, who waits for it, and itself.  Who waits is
-- told by pg_locks, which every role may read; pg_stat_activity hides it from some.
WITH waiting AS (
  SELECT l.pid, pg_catalog.min(l.waitstart) AS since
    FROM pg_catalog.pg_locks AS l
   WHERE NOT l.granted
   GROUP BY l.pid
), seen AS (
  SELECT DISTINCT 'blocking' AS part, b.pid, NULL::timestamp with time zone AS since
    FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::integer)) AS b (pid)
  UNION ALL
  SELECT 'blocked', w.pid, w.since
    FROM waiting AS w
   WHERE w.pid OPERATOR(pg_catalog.<>) $1::integer
     AND $1::integer OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(w.pid))
  UNION ALL
  SELECT 'self', $1::integer, (SELECT w.since FROM waiting AS w
                                WHERE w.pid OPERATOR(pg_catalog.=) $1::integer)
)
SELECT s.part,
       s.pid,
       a.application_name,
       a.state,
       (extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start)
        OPERATOR(pg_catalog.*) 1000)::bigint,
       (extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) s.since)
        OPERATOR(pg_catalog.*) 1000)::bigint,
       pg_catalog."left"(a.query, 2000),
       coalesce(a.backend_type OPERATOR(pg_catalog.=) 'autovacuum worker'
                AND a.query OPERATOR(pg_catalog.~~) '%(to prevent wraparound)', false),
       s.part OPERATOR(pg_catalog.=) 'self' AND EXISTS (
         SELECT
           FROM pg_catalog.pg_locks AS l
          WHERE l.pid OPERATOR(pg_catalog.=) s.pid
            AND l.granted
            AND l.locktype OPERATOR(pg_catalog.=) 'relation'
            AND l.mode OPERATOR(pg_catalog.=) ANY (ARRAY['ShareLock', 'ShareRowExclusiveLock',
                                                        'ExclusiveLock', 'AccessExclusiveLock']))
  FROM seen AS s
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) s.pid
 ORDER BY s.since NULLS LAST, s.pid
