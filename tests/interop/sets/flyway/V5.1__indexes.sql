CREATE INDEX CONCURRENTLY account_nick ON account (nick);
DROP INDEX CONCURRENTLY account_email;
CREATE UNIQUE INDEX CONCURRENTLY account_email ON account (lower(email));
