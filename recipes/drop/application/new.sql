INSERT INTO customers (name) VALUES ('new');
SELECT name FROM customers WHERE id = 10;
