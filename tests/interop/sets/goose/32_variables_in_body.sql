-- +goose Up
-- +goose ENVSUB ON
-- +goose StatementBegin
DO \$\$
BEGIN
  INSERT INTO journal (said) VALUES ('in ${INTEROP_WORD}; $INTEROP_WORD');
END
$$$$;
-- +goose StatementEnd
