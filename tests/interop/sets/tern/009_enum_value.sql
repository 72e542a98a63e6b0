ALTER TYPE mood ADD VALUE 'busy' BEFORE 'calm';
