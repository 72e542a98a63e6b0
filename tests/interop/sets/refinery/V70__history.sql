CREATE VIEW applied AS SELECT count(*) AS n FROM refinery_schema_history;
