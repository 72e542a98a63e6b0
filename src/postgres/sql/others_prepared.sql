-- What PREPARE made; what we prepared ourselves is not meant.
SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements AS p WHERE p.from_sql)
