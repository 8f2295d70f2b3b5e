DROP TABLE message_filters;
