CREATE VIEW applied AS SELECT count(*) AS n FROM _sqlx_migrations;
