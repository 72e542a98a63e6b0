GRANT USAGE ON SCHEMA {{schema}} TO {{reader}};
GRANT SELECT ON TABLE {{history}}, {{repeatable}}, {{events}}, {{layout}} TO {{reader}};
