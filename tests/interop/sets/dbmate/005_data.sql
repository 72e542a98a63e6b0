-- migrate:up
INSERT INTO account (id, email, balance) VALUES
  (1, '$HOME and $1', 1),
  (2, E'it\'s; -- no comment', 2),
  (3, 'two
-- lines; and /* more', 3);
INSERT INTO journal (said) VALUES ('${name} is not {{.name}}'), ($$ {{ template "x" }} ${HOME}; $$);
DO $$
BEGIN
  FOR k IN 10..12 LOOP
    INSERT INTO account (id, email) VALUES (k, 'user ' || k);
  END LOOP;
END
$$;

-- migrate:down
