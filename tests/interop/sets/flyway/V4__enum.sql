CREATE TYPE mood AS ENUM ('calm');
ALTER TABLE account ADD COLUMN mood mood NOT NULL DEFAULT 'calm';
