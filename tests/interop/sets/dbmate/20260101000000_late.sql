-- migrate:up
CREATE TABLE public.last (id int);


-- migrate:down
