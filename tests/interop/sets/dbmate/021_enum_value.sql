-- migrate:up
ALTER TYPE mood ADD VALUE 'busy' BEFORE 'calm';


-- migrate:down
