-- Everything of Hive lives in one schema of its own.
CREATE SCHEMA hive;

COMMENT ON SCHEMA hive IS 'Components, their versions, and what agents measure';
