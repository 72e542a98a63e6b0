-- Of table $1 and its partition $2: whether both are there, and whether the partition, if it is one,
-- is being detached.
SELECT pg_catalog.to_regclass($1) IS NOT NULL AND pg_catalog.to_regclass($2) IS NOT NULL,
       (SELECT h.inhdetachpending
          FROM pg_catalog.pg_inherits AS h
         WHERE h.inhparent OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
           AND h.inhrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($2))
