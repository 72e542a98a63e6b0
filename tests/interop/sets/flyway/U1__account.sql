DROP TABLE journal;
DROP TABLE account;
