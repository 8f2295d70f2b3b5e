-- Orders are looked for by how the code of what was bought begins, in any case.
CREATE INDEX CONCURRENTLY order_lines_sku_begin ON order_lines (lower(sku) text_pattern_ops);
