DROP INDEX CONCURRENTLY order_parts_to_send;
