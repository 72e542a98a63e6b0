CREATE TABLE marked (id int);
