CREATE VIEW applied AS SELECT count(*) AS n FROM atlas_schema_revisions.atlas_schema_revisions;
