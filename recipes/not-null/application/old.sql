INSERT INTO orders (customer_id, quantity, status) VALUES (1, 1, NULL);
UPDATE orders SET quantity = quantity + 1 WHERE id = 10;
