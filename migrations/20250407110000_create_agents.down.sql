DROP TABLE hive.agent;
