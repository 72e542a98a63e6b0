INSERT INTO customers (name, email, fax)
SELECT 'somebody', 'new@example.org', '0'
 WHERE NOT EXISTS (SELECT FROM customers WHERE email = 'new@example.org');
