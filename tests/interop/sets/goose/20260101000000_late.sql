-- +goose Up
CREATE TABLE last (id int);

-- +goose Down
DROP TABLE last;
