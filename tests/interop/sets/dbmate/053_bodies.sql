-- migrate:up
CREATE TABLE late (id int);


-- migrate:down
