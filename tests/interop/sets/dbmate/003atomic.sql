-- migrate:up
CREATE FUNCTION total() RETURNS numeric
BEGIN ATOMIC
  SELECT 1;
  SELECT sum(balance) FROM account;
END;

-- migrate:down
