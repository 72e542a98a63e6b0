-- ALTER COLUMN TYPE would write the table anew while nobody may read it.  A second column instead,
-- that a trigger keeps up with the first one.
ALTER TABLE orders ADD COLUMN quantity_big bigint;
CREATE FUNCTION orders_quantity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.quantity_big := NEW.quantity;
  RETURN NEW;
END
$$;
CREATE TRIGGER orders_quantity BEFORE INSERT OR UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_quantity();
