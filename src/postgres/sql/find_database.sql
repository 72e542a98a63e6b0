SELECT EXISTS (SELECT FROM pg_catalog.pg_database AS d
                WHERE d.datname OPERATOR(pg_catalog.=) (pg_catalog.parse_ident($1))[1])
