ALTER TABLE orders ADD CONSTRAINT orders_quantity_not_null CHECK (quantity_big IS NOT NULL) NOT VALID;
