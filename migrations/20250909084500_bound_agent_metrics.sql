-- NOT VALID takes the strong lock only for a moment; the next migration looks at the rows there are.
ALTER TABLE hive.agent_metric
  ADD CONSTRAINT agent_metric_is_consistent
    CHECK (minimum <= maximum) NOT VALID;
