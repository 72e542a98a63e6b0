CREATE TABLE dos (note text);
INSERT INTO dos VALUES ('two
lines'), ('one');
