-- +goose Up
CREATE FUNCTION second_early() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM late';
