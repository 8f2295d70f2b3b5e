-- An order is looked for by how its number begins, in any case, with its hyphen and without.
CREATE INDEX CONCURRENTLY orders_number_begin ON orders (upper(replace(number, '-', '')) text_pattern_ops);
