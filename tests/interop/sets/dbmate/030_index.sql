-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY account_email ON account (email);


-- migrate:down
DROP INDEX account_email;
