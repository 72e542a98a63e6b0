CREATE TABLE behind_path (id int);
CREATE INDEX ON behind_path (id);
