CREATE VIEW applied AS SELECT count(*) AS n FROM flyway_schema_history;
