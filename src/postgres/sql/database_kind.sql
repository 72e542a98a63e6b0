-- The options of CREATE DATABASE, by what each server version has.
SELECT pg_catalog.concat(
         ' TEMPLATE template0 ENCODING ',
         pg_catalog.quote_literal(pg_catalog.pg_encoding_to_char(d.encoding)),
         ' LC_COLLATE ', pg_catalog.quote_literal(d.datcollate),
         ' LC_CTYPE ', pg_catalog.quote_literal(d.datctype),
         CASE x.o OPERATOR(pg_catalog.->>) 'datlocprovider'
           WHEN 'i' THEN ' LOCALE_PROVIDER icu ICU_LOCALE ' OPERATOR(pg_catalog.||)
             pg_catalog.quote_literal(coalesce(x.o OPERATOR(pg_catalog.->>) 'daticulocale',
                                               x.o OPERATOR(pg_catalog.->>) 'datlocale'))
           WHEN 'b' THEN ' LOCALE_PROVIDER builtin BUILTIN_LOCALE ' OPERATOR(pg_catalog.||)
             pg_catalog.quote_literal(x.o OPERATOR(pg_catalog.->>) 'datlocale')
         END,
         ' ICU_RULES ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(
           x.o OPERATOR(pg_catalog.->>) 'daticurules'))
FROM pg_catalog.pg_database AS d, LATERAL (SELECT pg_catalog.to_jsonb(d) AS o) AS x
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
