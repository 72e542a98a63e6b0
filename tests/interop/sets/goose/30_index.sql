-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY account_nick ON account (nick);
CREATE UNIQUE INDEX CONCURRENTLY account_email ON account (lower(email));

-- +goose Down
DROP INDEX CONCURRENTLY account_nick;
