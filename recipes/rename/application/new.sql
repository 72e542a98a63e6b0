INSERT INTO customers (full_name, fax) VALUES ('new', '0');
UPDATE customers SET full_name = 'new version' WHERE id = 10;
SELECT full_name FROM customers WHERE id = 10;
