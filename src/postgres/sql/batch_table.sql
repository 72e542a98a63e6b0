-- Whether ranges of the values of column $2 of table $1 hold each of its rows once, and what they are
-- made with; $3 is the table that the statement changes.  The order of a range, of the index and of
-- the operator has to be one and the same: that of the type's own operators and of the column's
-- collation.
SELECT c.relkind,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.quote_ident(a.attname),
       pg_catalog.format_type(a.atttypid, -1),
       a.attnotnull,
       EXISTS (SELECT FROM pg_catalog.pg_inherits AS h
                WHERE h.inhparent OPERATOR(pg_catalog.=) c.oid),
       (SELECT pg_catalog.format('OPERATOR(%I.%s)', s.nspname, o.oprname)
          FROM pg_catalog.pg_index AS i
          JOIN pg_catalog.pg_opclass AS p ON p.oid OPERATOR(pg_catalog.=) i.indclass[0]
          JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) p.opcmethod
          JOIN pg_catalog.pg_amop AS g
            ON g.amopfamily OPERATOR(pg_catalog.=) p.opcfamily
           AND g.amoplefttype OPERATOR(pg_catalog.=) p.opcintype
           AND g.amoprighttype OPERATOR(pg_catalog.=) p.opcintype
           AND g.amopstrategy OPERATOR(pg_catalog.=) 5
          JOIN pg_catalog.pg_operator AS o ON o.oid OPERATOR(pg_catalog.=) g.amopopr
          JOIN pg_catalog.pg_namespace AS s ON s.oid OPERATOR(pg_catalog.=) o.oprnamespace
         WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid
           AND i.indisunique
           AND i.indisvalid
           AND i.indisready
           AND i.indislive
           AND i.indpred IS NULL
           AND i.indnkeyatts OPERATOR(pg_catalog.=) 1
           AND i.indkey[0] OPERATOR(pg_catalog.=) a.attnum
           AND i.indcollation[0] OPERATOR(pg_catalog.=) a.attcollation
           AND m.amname OPERATOR(pg_catalog.=) 'btree'
           AND p.opcdefault
         LIMIT 1),
       pg_catalog.to_regclass($3) OPERATOR(pg_catalog.=) c.oid,
       (SELECT pg_catalog.sum(greatest(l.reltuples, 0))::bigint
          FROM pg_catalog.pg_class AS l
         WHERE l.relkind OPERATOR(pg_catalog.=) 'r'
           AND (l.oid OPERATOR(pg_catalog.=) c.oid
                OR l.oid OPERATOR(pg_catalog.=) ANY (
                     ARRAY(SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) AS t))))
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid OPERATOR(pg_catalog.=) c.oid
        AND a.attnum OPERATOR(pg_catalog.>) 0
        AND NOT a.attisdropped
        AND a.attname OPERATOR(pg_catalog.=) (pg_catalog.parse_ident($2))[1]
 WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
