INSERT INTO customers (name, fax) VALUES ('old', '0');
SELECT fax FROM customers WHERE id = 10;
