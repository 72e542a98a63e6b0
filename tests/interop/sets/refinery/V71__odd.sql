INSERT INTO journal (said) VALUES ('100 %; 100 %s'), ('a\tb'), ('ÄÖ ☃');
