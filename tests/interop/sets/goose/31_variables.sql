-- +goose Up
-- +goose ENVSUB ON
INSERT INTO journal (said) VALUES ('${INTEROP_WORD}, $INTEROP_WORD, ${INTEROP_UNSET:-default}, ${INTEROP_EMPTY}');
-- +goose ENVSUB OFF
INSERT INTO journal (said) VALUES ('${INTEROP_WORD} as it is');
