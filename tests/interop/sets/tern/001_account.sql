CREATE TABLE account (
  id bigint PRIMARY KEY,
  email text NOT NULL,
  balance numeric(12, 2) NOT NULL DEFAULT 0
);
CREATE TABLE journal (said text NOT NULL);

---- create above / drop below ----

DROP TABLE journal;
DROP TABLE account;
