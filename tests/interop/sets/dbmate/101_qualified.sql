-- migrate:up
CREATE VIEW public.dumped_ids AS SELECT id FROM public.dumped;


-- migrate:down
