-- Of the index that was made on the empty table: as find_index.sql has it.
SELECT i.indisunique,
       pg_catalog."substring"(pg_catalog.pg_get_indexdef(i.indexrelid), ' USING .*$')
  FROM pg_catalog.pg_index AS i
 WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('pg_temp.headway_definition')
