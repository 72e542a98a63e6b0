INSERT INTO orders (customer_id, quantity) VALUES (1, 3);
UPDATE orders SET quantity = quantity + 1 WHERE id = 10;
SELECT sum(quantity) FROM orders;
