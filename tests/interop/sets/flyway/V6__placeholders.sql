CREATE TABLE ${flyway:defaultSchema}.placed (id int);
INSERT INTO journal (said) VALUES ('${word}');
INSERT INTO journal (said) VALUES ('${flyway:defaultSchema} ${flyway:filename} ${flyway:table}');
-- ${flyway:defaultSchema}
