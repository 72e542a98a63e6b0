-- migrate:up
ALTER TABLE account ADD COLUMN nick text -- the last one has no semicolon

-- migrate:down
