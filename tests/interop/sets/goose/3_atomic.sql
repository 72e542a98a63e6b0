-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION total() RETURNS numeric
BEGIN ATOMIC
  SELECT 1;
  SELECT sum(balance) FROM account;
END;
-- +goose StatementEnd
