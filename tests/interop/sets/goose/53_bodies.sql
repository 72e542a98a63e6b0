-- +goose Up
CREATE TABLE late (id int);
