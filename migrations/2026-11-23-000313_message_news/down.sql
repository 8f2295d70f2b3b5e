DROP TABLE message_digests;
DROP TABLE message_watches;
