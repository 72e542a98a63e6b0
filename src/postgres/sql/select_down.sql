SELECT h.down_sql, h.down_checksum
  FROM {{history}} AS h
 WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
