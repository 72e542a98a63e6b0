-- atlas:delimiter \n\n\n

-- A body with semicolons, quotes within quotes, and a comment that doesn't end its quote.
CREATE FUNCTION note_again() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  said text := $q$it's; done$q$;
BEGIN
  -- isn't this; a statement?
  IF NEW.balance < 0 THEN
    RAISE EXCEPTION 'balance; of % is below zero', NEW.id;
  END IF;
  EXECUTE format($f$INSERT INTO journal (said) VALUES (%L);$f$, said);
  RETURN NEW;
END;
$body$


CREATE TABLE delimited (id int)


INSERT INTO delimited VALUES (1)
