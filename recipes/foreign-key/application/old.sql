INSERT INTO orders (customer_id, quantity) VALUES (100000, 1);
