INSERT INTO journal (said) VALUES ('${name} is not {{.name}}'), ($$ {{ template "x" }} ${HOME}; $$);
