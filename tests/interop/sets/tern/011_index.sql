---- tern: disable-tx ----
CREATE INDEX CONCURRENTLY account_nick ON account (nick);
CREATE UNIQUE INDEX CONCURRENTLY account_email ON account (lower(email));

---- create above / drop below ----

---- tern: disable-tx ----
DROP INDEX CONCURRENTLY account_nick;
