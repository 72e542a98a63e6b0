CREATE TABLE mixed (id int);
CREATE INDEX CONCURRENTLY mixed_id ON mixed (id);
INSERT INTO mixed VALUES (1);
