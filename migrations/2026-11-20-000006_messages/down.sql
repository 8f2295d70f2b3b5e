DROP TABLE messages, participants, conversations;
