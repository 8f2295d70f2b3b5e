DROP INDEX CONCURRENTLY order_lines_sku_begin;
