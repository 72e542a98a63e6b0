-- The value can be used from the next migration on: PostgreSQL refuses a new enum value in the
-- transaction that adds it.
ALTER TYPE hive.component_state ADD VALUE 'draining' BEFORE 'stopped';
