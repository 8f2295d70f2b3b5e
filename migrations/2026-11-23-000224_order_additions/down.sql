DROP TABLE order_added_lines;
DROP TABLE order_additions;
