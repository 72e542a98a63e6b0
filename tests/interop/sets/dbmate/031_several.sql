-- migrate:up transaction:false
CREATE TABLE several (id int);
INSERT INTO several VALUES (1);

-- migrate:down
