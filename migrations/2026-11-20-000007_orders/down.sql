DROP TABLE import_keys, order_return_lines, order_returns, order_lines, order_parts, orders;
