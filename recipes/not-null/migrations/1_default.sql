-- The new version leaves the column out; who still writes NULL may go on.
-- A change of the catalogue only, under a lock that is held for a moment.
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'new';
