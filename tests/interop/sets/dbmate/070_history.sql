-- migrate:up
CREATE VIEW applied AS SELECT count(*) AS n FROM schema_migrations;


-- migrate:down
