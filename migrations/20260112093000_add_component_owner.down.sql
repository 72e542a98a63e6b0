ALTER TABLE hive.component DROP COLUMN owner;
