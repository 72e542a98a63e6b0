-- The new version does not know the column: it has to be possible to leave it out.
ALTER TABLE customers ALTER COLUMN fax DROP NOT NULL;
