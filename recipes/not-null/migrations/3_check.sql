-- headway: phase=contract
-- NOT VALID: rows that are there are not looked at.
ALTER TABLE orders ADD CONSTRAINT orders_status_not_null CHECK (status IS NOT NULL) NOT VALID;
