-- Images that products shall have and that are still to be fetched. Those without a time have been given up.
CREATE TABLE wanted_images (
    product_id        uuid NOT NULL REFERENCES products,
    url               text NOT NULL,
    ordinal           integer NOT NULL,
    alternative_text  text NOT NULL,
    -- Of the variants that show it themselves.
    skus              text[] NOT NULL,
    attempts          integer NOT NULL DEFAULT 0,
    due_at            timestamptz,
    failure           text,
    PRIMARY KEY (product_id, url)
);
CREATE INDEX wanted_images_due ON wanted_images (due_at) WHERE due_at IS NOT NULL;
