CREATE OR REPLACE VIEW people AS SELECT id, email FROM account;
