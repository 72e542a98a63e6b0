-- headway: transaction=none
DROP INDEX CONCURRENTLY hive.version_history_changed_at_idx;
