DROP INDEX CONCURRENTLY order_parts_shop_state;
