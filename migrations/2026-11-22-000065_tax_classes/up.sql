-- How products are taxed, where it is not as usual.
CREATE TABLE tax_classes (
    id          uuid PRIMARY KEY,
    handle      text NOT NULL CONSTRAINT tax_classes_handle_key UNIQUE,
    name        text NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL
);

ALTER TABLE products ADD COLUMN tax_class_id uuid REFERENCES tax_classes;
