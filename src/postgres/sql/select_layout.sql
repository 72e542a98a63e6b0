SELECT (SELECT pg_catalog.max(l.number) FROM {{layout}} AS l),
       EXISTS (SELECT FROM {{history}} AS h WHERE h.version OPERATOR(pg_catalog.=) 'base')
