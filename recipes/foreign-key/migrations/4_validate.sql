-- headway: phase=contract
-- Reads both tables, while others read and write them.
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_id_fkey;
