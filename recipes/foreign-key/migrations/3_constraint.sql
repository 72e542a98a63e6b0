-- headway: phase=contract
-- NOT VALID: holds for what is written from now on; both tables are locked for a moment only.
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey
  FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
