INSERT INTO customers (name, email, fax) VALUES ('somebody', 'customer1@example.org', '0');
