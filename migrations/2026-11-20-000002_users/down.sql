DROP TABLE sessions, verifications, preferences, users;
