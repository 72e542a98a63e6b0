INSERT INTO customers (name, fax) VALUES ('old', '0');
UPDATE customers SET name = 'old version' WHERE id = 10;
SELECT name FROM customers WHERE id = 10;
