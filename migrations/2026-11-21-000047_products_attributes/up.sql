ALTER TABLE products
    ADD COLUMN brand text NOT NULL DEFAULT '',
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN product_type_id uuid REFERENCES product_types;
