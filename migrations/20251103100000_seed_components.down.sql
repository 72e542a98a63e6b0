DELETE FROM hive.component WHERE name IN ('gateway', 'scheduler', 'collector', 'console');
