-- migrate:up
CREATE SCHEMA app;
CREATE TABLE app.with_path (id int);
SET search_path TO public, app;


-- migrate:down
