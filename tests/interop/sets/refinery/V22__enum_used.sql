ALTER TABLE account ALTER COLUMN mood SET DEFAULT 'busy';
UPDATE account SET mood = 'busy' WHERE id = 2;
