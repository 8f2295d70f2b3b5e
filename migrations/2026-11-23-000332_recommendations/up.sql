-- What was learned of each order, so that exactly that can be taken away again: who ordered, unless that is nobody in particular, and the goods in the
-- order in which they were chosen.
CREATE TABLE recommendation_baskets (
    order_id   uuid PRIMARY KEY REFERENCES orders,
    person_id  uuid REFERENCES users,
    products   uuid[] NOT NULL CONSTRAINT recommendation_baskets_products_check CHECK (cardinality(products) BETWEEN 1 AND 500)
);
CREATE INDEX recommendation_baskets_person ON recommendation_baskets (person_id);

-- Products that were ordered together. `people` is how many known people did so, `strangers` how many orders of nobody in particular had both. Without
-- references: what is learned names products that are there, and nothing deletes one.
CREATE TABLE recommendation_pairs (
    low_id     uuid NOT NULL,
    high_id    uuid NOT NULL,
    weight     bigint NOT NULL CONSTRAINT recommendation_pairs_weight_check CHECK (weight >= 0),
    people     integer NOT NULL CONSTRAINT recommendation_pairs_people_check CHECK (people >= 0),
    strangers  integer NOT NULL CONSTRAINT recommendation_pairs_strangers_check CHECK (strangers >= 0),
    PRIMARY KEY (low_id, high_id),
    CONSTRAINT recommendation_pairs_order_check CHECK (low_id < high_id)
);
-- Behind what is used there are five people: all strangers are one.
CREATE INDEX recommendation_pairs_low ON recommendation_pairs (low_id) WHERE people + least(strangers, 1) >= 5;
CREATE INDEX recommendation_pairs_high ON recommendation_pairs (high_id) WHERE people + least(strangers, 1) >= 5;

-- What products weigh in all of their pairs, and whether their neighbours have to be found anew: 1 because another product's mass has made a step,
-- 2 because they were ordered themselves.
CREATE TABLE recommendation_products (
    product_id  uuid PRIMARY KEY REFERENCES products,
    mass        bigint NOT NULL CONSTRAINT recommendation_products_mass_check CHECK (mass >= 0),
    orders      bigint NOT NULL CONSTRAINT recommendation_products_orders_check CHECK (orders >= 0),
    staleness   smallint NOT NULL CONSTRAINT recommendation_products_staleness_check CHECK (staleness BETWEEN 0 AND 2)
);
CREATE INDEX recommendation_products_stale ON recommendation_products (staleness DESC, product_id) WHERE staleness > 0;

-- The products that go best with each one, and the parts of why.
CREATE TABLE recommendation_neighbors (
    product_id  uuid NOT NULL REFERENCES products,
    rank        smallint NOT NULL CONSTRAINT recommendation_neighbors_rank_check CHECK (rank BETWEEN 1 AND 50),
    other_id    uuid NOT NULL,
    score       double precision NOT NULL CONSTRAINT recommendation_neighbors_score_check CHECK (score > 0),
    weight      bigint NOT NULL CONSTRAINT recommendation_neighbors_weight_check CHECK (weight > 0),
    backers     integer NOT NULL CONSTRAINT recommendation_neighbors_backers_check CHECK (backers >= 5),
    PRIMARY KEY (product_id, rank)
);
