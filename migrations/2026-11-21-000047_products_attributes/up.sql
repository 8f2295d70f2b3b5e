ALTER TABLE products
    ADD COLUMN brand text NOT NULL DEFAULT '',
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN product_kind_id uuid REFERENCES product_kinds;
