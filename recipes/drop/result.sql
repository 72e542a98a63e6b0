SELECT NOT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = 'customers'::regclass AND attname = 'fax');
