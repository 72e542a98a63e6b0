INSERT INTO orders (customer_id, quantity) VALUES (2, 1);
