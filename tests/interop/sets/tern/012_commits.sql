CREATE TABLE before_commit (id int);
COMMIT;
CREATE TABLE after_commit (id int);
INSERT INTO after_commit VALUES (1);
