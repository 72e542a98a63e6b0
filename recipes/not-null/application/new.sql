INSERT INTO orders (customer_id, quantity) VALUES (1, 1);
UPDATE orders SET quantity = quantity + 1 WHERE id = 10;
