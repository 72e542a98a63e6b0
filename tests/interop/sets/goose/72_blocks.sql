-- +goose Up
-- +goose StatementBegin
SELECT 'several'; INSERT INTO journal (said) VALUES ('in one block');
INSERT INTO journal (said) VALUES ('and more');
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO journal (said) VALUES ('without a semicolon')
-- +goose StatementEnd
