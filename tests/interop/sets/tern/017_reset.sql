RESET search_path;
CREATE TABLE behind_reset (id int);
