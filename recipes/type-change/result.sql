SELECT atttypid = 'bigint'::regtype AND attnotnull
  FROM pg_attribute
 WHERE attrelid = 'orders'::regclass AND attname = 'quantity';
