DROP FUNCTION hive.touch_updated_at();
