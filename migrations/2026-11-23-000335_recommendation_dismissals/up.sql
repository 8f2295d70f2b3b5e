-- What somebody does not want to be recommended. Without a reference to the product: nothing deletes one.
CREATE TABLE recommendation_dismissals (
    user_id     uuid NOT NULL REFERENCES users,
    product_id  uuid NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, product_id)
);
