-- When somebody looked at a product last. Who is a person, or a visitor of whom nothing else is known: without references, for neither is a row
-- here for long, and nothing deletes a product. Each week has a partition of its own, which is dropped as a whole once it is over; what comes
-- before there is one stands in the default one.
CREATE TABLE product_views (
    viewer_id   uuid NOT NULL,
    viewed_at   timestamptz NOT NULL,
    product_id  uuid NOT NULL,
    PRIMARY KEY (viewer_id, viewed_at, product_id)
) PARTITION BY RANGE (viewed_at);
CREATE TABLE product_views_default PARTITION OF product_views DEFAULT;
