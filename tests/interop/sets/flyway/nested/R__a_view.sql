CREATE OR REPLACE VIEW balances AS SELECT id, balance FROM account;
INSERT INTO journal (said) VALUES ('again');
