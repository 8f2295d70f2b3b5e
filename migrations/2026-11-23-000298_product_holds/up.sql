-- Products that the staff have hidden, and by which decision. While they are, nobody publishes them.
CREATE TABLE product_holds (
    product_id  uuid PRIMARY KEY REFERENCES products,
    cause_id    uuid NOT NULL,
    -- Whether it was for sale before.
    was_active  boolean NOT NULL,
    created_at  timestamptz NOT NULL
);
