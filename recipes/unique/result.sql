SELECT convalidated AND contype = 'u' FROM pg_constraint WHERE conname = 'customers_email_key';
