CREATE VIEW public.dumped_ids AS SELECT id FROM public.dumped;
