-- +goose Up
CREATE VIEW applied AS SELECT count(*) AS n FROM goose_db_version;
