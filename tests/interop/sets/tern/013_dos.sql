CREATE TABLE dos (note text);
INSERT INTO dos VALUES ('two
lines'), ('one');

---- create above / drop below ----
