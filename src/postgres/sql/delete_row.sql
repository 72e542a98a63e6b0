-- One statement, because in between the chain would be broken: the row goes, and the one after it
-- is linked to the one before it.  `relinked` reads `deleted`, so the row is gone before its place
-- is taken; the foreign key is checked when both are done.
--
-- What the way back drops may take repeatables with it (a view on a dropped table), and an older
-- image's repeatables count as superseded no more: all are forgotten, and the next upgrade that
-- reaches head runs those it has.
WITH deleted AS (
  DELETE FROM {{history}} AS h
   WHERE h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
     AND h.previous OPERATOR(pg_catalog.=) $2::pg_catalog.text
     AND h.state OPERATOR(pg_catalog.=) $3::pg_catalog.text
     AND coalesce(h.checksum, '') OPERATOR(pg_catalog.=) $4::pg_catalog.text
     AND h.attempt OPERATOR(pg_catalog.=) $5::integer
  RETURNING h.previous AS previous
), relinked AS (
  UPDATE {{history}} AS h
     SET previous = d.previous
    FROM deleted AS d
   WHERE h.previous OPERATOR(pg_catalog.=) $1::pg_catalog.text
  RETURNING 1
), forgotten AS (
  DELETE FROM {{repeatable}} AS r
   WHERE EXISTS (SELECT FROM deleted)
)
SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM deleted
