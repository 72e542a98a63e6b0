-- +goose Up
CREATE TABLE dos (note text);
INSERT INTO dos VALUES ('two
lines'), ('one');
-- +goose Down
DROP TABLE dos;
