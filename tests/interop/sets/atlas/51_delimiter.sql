-- atlas:delimiter -- end

CREATE TABLE ended (id int);
-- end
INSERT INTO ended VALUES (1); INSERT INTO ended VALUES (2);
-- end
