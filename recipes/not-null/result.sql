SELECT attnotnull AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_status_not_null')
  FROM pg_attribute
 WHERE attrelid = 'orders'::regclass AND attname = 'status';
