-- The tables that the recipes begin with, as the application has left them: with gaps, orphans and
-- duplicates.
CREATE TABLE customers (
  id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name  text NOT NULL,
  email text,
  fax   text NOT NULL
);
CREATE TABLE orders (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint,
  quantity    integer NOT NULL,
  status      text
);
INSERT INTO customers (name, email, fax)
SELECT 'customer ' || n, 'customer' || n % 2990 || '@example.org', '0' || n
  FROM generate_series(1, 3000) AS n;
INSERT INTO orders (customer_id, quantity, status)
SELECT n % 3100 + 1, n % 7 + 1, CASE WHEN n % 10 > 0 THEN 'paid' END
  FROM generate_series(1, 10000) AS n;
