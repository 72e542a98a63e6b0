-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE before_commit (id int);
BEGIN;
INSERT INTO before_commit VALUES (1);
COMMIT;
CREATE TABLE after_commit (id int);
