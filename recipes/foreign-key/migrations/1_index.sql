-- headway: transaction=none
-- Deleting a customer looks for his orders: without an index that reads the whole table.
CREATE INDEX CONCURRENTLY orders_customer_id ON orders (customer_id);
