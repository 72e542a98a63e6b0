-- headway: phase=contract
-- The valid constraint proves it: the table is not read again.
ALTER TABLE orders ALTER COLUMN status SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_status_not_null;
