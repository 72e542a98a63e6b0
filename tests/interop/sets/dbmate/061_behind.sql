-- migrate:up
CREATE VIEW behind_path AS SELECT id FROM with_path;


-- migrate:down
