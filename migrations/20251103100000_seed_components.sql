INSERT INTO hive.component (name) VALUES ('gateway'), ('scheduler'), ('collector'), ('console');

INSERT INTO hive.component_version (component_id, version, released_at)
SELECT id, '1.0.0', '2025-10-01 08:00:00+00' FROM hive.component WHERE name IN ('gateway', 'scheduler');
