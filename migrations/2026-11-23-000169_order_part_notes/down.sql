DROP TABLE order_part_notes;
