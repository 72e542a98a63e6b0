-- What has been applied, as one chain: each row names the one applied before it, and the first row
-- is `base`.  UNIQUE and the foreign key on `previous` are what stops a second runner that planned
-- on an older state.
CREATE TABLE IF NOT EXISTS {{history}} (
  version         pg_catalog.text NOT NULL,
  previous        pg_catalog.text,
  name            pg_catalog.text NOT NULL DEFAULT '',
  checksum        pg_catalog.text,
  kind            pg_catalog.text NOT NULL DEFAULT 'migration',
  state           pg_catalog.text NOT NULL DEFAULT 'applied',
  attempt         integer NOT NULL DEFAULT 1,
  journal         pg_catalog.text[],
  down_sql        pg_catalog.text,
  down_checksum   pg_catalog.text,
  irreversible    boolean NOT NULL DEFAULT false,
  run_id          pg_catalog.uuid,
  applied_at      timestamp with time zone NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  duration        interval,
  applied_by      pg_catalog.text NOT NULL DEFAULT session_user,
  applied_from    pg_catalog.text,
  headway_version pg_catalog.text,
  PRIMARY KEY (version),
  UNIQUE (previous),
  FOREIGN KEY (previous) REFERENCES {{history}} (version),
  CHECK ((version OPERATOR(pg_catalog.=) 'base') OPERATOR(pg_catalog.=) (previous IS NULL)),
  CHECK (kind OPERATOR(pg_catalog.=) ANY (ARRAY['migration', 'baseline', 'adopted'])),
  CHECK (state OPERATOR(pg_catalog.=) ANY (ARRAY['applied', 'running', 'failed']))
);

INSERT INTO {{history}} (version, previous, name, kind)
VALUES ('base', NULL, 'the empty database', 'baseline')
ON CONFLICT DO NOTHING;

-- Every checksum of a repeatable migration ever applied; at most one per name is current.
CREATE TABLE IF NOT EXISTS {{repeatable}} (
  name       pg_catalog.text NOT NULL,
  checksum   pg_catalog.text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  duration   interval,
  run_id     pg_catalog.uuid,
  current    boolean NOT NULL DEFAULT true,
  PRIMARY KEY (name, checksum)
);

CREATE UNIQUE INDEX IF NOT EXISTS {{repeatable_index}}
    ON {{repeatable}} (name) WHERE (current);

-- Every attempt and its outcome; rows are only ever added.
CREATE TABLE IF NOT EXISTS {{events}} (
  id          bigint GENERATED ALWAYS AS IDENTITY,
  at          timestamp with time zone NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  event       pg_catalog.text NOT NULL,
  version     pg_catalog.text,
  duration    interval,
  error_id    pg_catalog.text,
  sqlstate    pg_catalog.text,
  message     pg_catalog.text,
  run_id      pg_catalog.uuid,
  by_role     pg_catalog.text NOT NULL DEFAULT session_user,
  from_host   pg_catalog.text,
  application pg_catalog.text,
  pid         integer NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
  PRIMARY KEY (id)
);

-- The major number of this layout.
CREATE TABLE IF NOT EXISTS {{layout}} (
  number integer NOT NULL,
  PRIMARY KEY (number)
);

INSERT INTO {{layout}} (number)
SELECT 1 WHERE NOT EXISTS (SELECT FROM {{layout}});
