SET check_function_bodies = off;
CREATE FUNCTION first_early() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM late';
