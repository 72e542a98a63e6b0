-- headway: lock_timeout=3s
-- A constant default is stored in the catalogue: no row is rewritten.
ALTER TABLE hive.component ADD COLUMN owner text NOT NULL DEFAULT 'platform';

COMMENT ON COLUMN hive.component.owner IS 'The team that is called when it breaks';
