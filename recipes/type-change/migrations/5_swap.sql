-- headway: phase=contract
-- One transaction: nobody ever sees the table without a column of this name.  A statement that an
-- application has prepared is planned anew by itself.
DROP TRIGGER orders_quantity ON orders;
DROP FUNCTION orders_quantity();
ALTER TABLE orders RENAME COLUMN quantity TO quantity_small;
ALTER TABLE orders RENAME COLUMN quantity_big TO quantity;
ALTER TABLE orders ALTER COLUMN quantity SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_quantity_not_null;
ALTER TABLE orders DROP COLUMN quantity_small;
