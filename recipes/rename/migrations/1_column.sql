-- Renaming breaks the version that runs.  A second column instead, and a trigger that carries what
-- either version writes over to the other one's column.
ALTER TABLE customers ADD COLUMN full_name text;
CREATE FUNCTION customers_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.full_name := coalesce(NEW.full_name, NEW.name);
    NEW.name := coalesce(NEW.name, NEW.full_name);
  ELSIF NEW.name IS DISTINCT FROM OLD.name THEN
    NEW.full_name := NEW.name;
  ELSE
    NEW.name := coalesce(NEW.full_name, NEW.name);
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER customers_name BEFORE INSERT OR UPDATE ON customers
  FOR EACH ROW EXECUTE FUNCTION customers_name();
