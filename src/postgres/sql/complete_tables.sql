-- Columns that a history made by hand, or by an older Headway, may lack.
ALTER TABLE IF EXISTS {{history}}
  ADD COLUMN IF NOT EXISTS name            pg_catalog.text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS checksum        pg_catalog.text,
  ADD COLUMN IF NOT EXISTS kind            pg_catalog.text NOT NULL DEFAULT 'migration',
  ADD COLUMN IF NOT EXISTS state           pg_catalog.text NOT NULL DEFAULT 'applied',
  ADD COLUMN IF NOT EXISTS attempt         integer NOT NULL DEFAULT 1,
  ADD COLUMN IF NOT EXISTS journal         pg_catalog.text[],
  ADD COLUMN IF NOT EXISTS down_sql        pg_catalog.text,
  ADD COLUMN IF NOT EXISTS down_checksum   pg_catalog.text,
  ADD COLUMN IF NOT EXISTS irreversible    boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS run_id          pg_catalog.uuid,
  ADD COLUMN IF NOT EXISTS applied_at      timestamp with time zone NOT NULL
                                           DEFAULT pg_catalog.clock_timestamp(),
  ADD COLUMN IF NOT EXISTS duration        interval,
  ADD COLUMN IF NOT EXISTS applied_by      pg_catalog.text NOT NULL DEFAULT session_user,
  ADD COLUMN IF NOT EXISTS applied_from    pg_catalog.text,
  ADD COLUMN IF NOT EXISTS headway_version pg_catalog.text;

ALTER TABLE IF EXISTS {{repeatable}}
  ADD COLUMN IF NOT EXISTS applied_at timestamp with time zone NOT NULL
                                      DEFAULT pg_catalog.clock_timestamp(),
  ADD COLUMN IF NOT EXISTS duration   interval,
  ADD COLUMN IF NOT EXISTS run_id     pg_catalog.uuid,
  ADD COLUMN IF NOT EXISTS current    boolean NOT NULL DEFAULT true;

ALTER TABLE IF EXISTS {{events}}
  ADD COLUMN IF NOT EXISTS at          timestamp with time zone NOT NULL
                                       DEFAULT pg_catalog.clock_timestamp(),
  ADD COLUMN IF NOT EXISTS version     pg_catalog.text,
  ADD COLUMN IF NOT EXISTS duration    interval,
  ADD COLUMN IF NOT EXISTS error_id    pg_catalog.text,
  ADD COLUMN IF NOT EXISTS sqlstate    pg_catalog.text,
  ADD COLUMN IF NOT EXISTS message     pg_catalog.text,
  ADD COLUMN IF NOT EXISTS run_id      pg_catalog.uuid,
  ADD COLUMN IF NOT EXISTS by_role     pg_catalog.text NOT NULL DEFAULT session_user,
  ADD COLUMN IF NOT EXISTS from_host   pg_catalog.text,
  ADD COLUMN IF NOT EXISTS application pg_catalog.text,
  ADD COLUMN IF NOT EXISTS pid         integer NOT NULL DEFAULT pg_catalog.pg_backend_pid();
