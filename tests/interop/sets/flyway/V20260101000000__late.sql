CREATE TABLE public.last (id int);
