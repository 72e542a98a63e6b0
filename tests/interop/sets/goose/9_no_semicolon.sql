-- +goose Up
-- +goose StatementBegin
ALTER TABLE account ADD COLUMN nick text
-- +goose StatementEnd
