CREATE TABLE {{- /* x */ -}} {{/**/}} trimmed (id int);
INSERT INTO journal (said) VALUES ('{{- .word -}}   ');
