-- headway: phase=contract
DROP TRIGGER customers_name ON customers;
DROP FUNCTION customers_name();
ALTER TABLE customers ALTER COLUMN full_name SET NOT NULL;
ALTER TABLE customers DROP CONSTRAINT customers_full_name_not_null;
ALTER TABLE customers DROP COLUMN name;
