CREATE SCHEMA app;
SET search_path TO app, public;
CREATE TABLE with_path (id int);
