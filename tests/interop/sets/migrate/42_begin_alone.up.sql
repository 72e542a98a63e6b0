BEGIN;
CREATE TABLE begun (id int);
COMMIT;
CREATE TABLE begun_not (id int);
