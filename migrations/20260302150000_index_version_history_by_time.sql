-- headway: transaction=none
CREATE INDEX CONCURRENTLY version_history_changed_at_idx
  ON hive.version_history USING brin (changed_at);
