SELECT s.name, pg_catalog.current_setting(s.name)
FROM pg_catalog.pg_settings AS s
WHERE s.source OPERATOR(pg_catalog.=) 'session'
ORDER BY s.name
