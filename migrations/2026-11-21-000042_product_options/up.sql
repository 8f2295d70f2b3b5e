-- The options of a product by name; each of its variants has a value for each of them, in the same order.
ALTER TABLE products
    ADD COLUMN option_names text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT products_option_names_check CHECK (cardinality(option_names) <= 3) NOT VALID;
