-- headway: phase=contract
-- Takes over the index: a change of the catalogue only.
ALTER TABLE customers ADD CONSTRAINT customers_email_key UNIQUE USING INDEX customers_email_key;
