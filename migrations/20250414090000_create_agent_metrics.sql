-- Samples are kept as sums per five minutes: a bucket is named by the moment it begins.
CREATE FUNCTION hive.time_bucket(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN date_bin('5 minutes', moment, '2000-01-01 00:00:00+00');

CREATE TABLE hive.agent_metric (
  agent_id  uuid NOT NULL REFERENCES hive.agent ON DELETE CASCADE,
  metric    text NOT NULL,
  bucket    timestamptz NOT NULL CHECK (bucket = hive.time_bucket(bucket)),
  samples   bigint NOT NULL CHECK (samples > 0),
  total     double precision NOT NULL,
  minimum   double precision NOT NULL,
  maximum   double precision NOT NULL,
  PRIMARY KEY (agent_id, metric, bucket)
);

CREATE FUNCTION hive.record_metric(agent uuid, metric text, moment timestamptz,
                                   value double precision) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO hive.agent_metric AS m (agent_id, metric, bucket, samples, total, minimum, maximum)
  VALUES (agent, metric, hive.time_bucket(moment), 1, value, value, value)
  ON CONFLICT (agent_id, metric, bucket) DO UPDATE
  SET samples = m.samples + 1,
      total = m.total + excluded.total,
      minimum = least(m.minimum, excluded.minimum),
      maximum = greatest(m.maximum, excluded.maximum);
END;
