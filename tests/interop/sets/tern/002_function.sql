{{ template "shared/note_change.sql" . }}

CREATE TRIGGER account_changes BEFORE INSERT OR UPDATE ON account
  FOR EACH ROW EXECUTE FUNCTION note_change();

---- create above / drop below ----
DROP FUNCTION note_change() CASCADE;
