-- A constraint can't be made unvalidated; it is added anew.
ALTER TABLE hive.agent_metric DROP CONSTRAINT agent_metric_is_consistent;
ALTER TABLE hive.agent_metric
  ADD CONSTRAINT agent_metric_is_consistent
    CHECK (minimum <= maximum) NOT VALID;
