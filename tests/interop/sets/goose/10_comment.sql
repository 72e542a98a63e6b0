-- +goose Up
-- Nothing is done here.

-- +goose Down
