-- headway: phase=contract transaction=none
-- Built while others write.  If a duplicate has come in meanwhile, it fails, and Headway drops
-- what is left of it: an invalid unique index would go on rejecting rows.
CREATE UNIQUE INDEX CONCURRENTLY customers_email_key ON customers (email);
