SELECT string_agg(attname, ' ' ORDER BY attname) = 'email fax full_name id'
       AND (SELECT count(*) FROM customers WHERE full_name LIKE 'customer %') > 2900
  FROM pg_attribute
 WHERE attrelid = 'customers'::regclass AND attnum > 0 AND NOT attisdropped;
