-- headway: phase=contract
-- Reads the whole table, but under a lock that lets others read and write.
ALTER TABLE orders VALIDATE CONSTRAINT orders_status_not_null;
