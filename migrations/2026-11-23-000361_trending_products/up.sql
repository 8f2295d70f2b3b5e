-- What many people have ordered lately, in each country and, as `*`, anywhere: lists that a job makes anew, of what five people or more stand behind. Without a
-- reference: nothing deletes a product.
CREATE TABLE trending_products (
    place       text NOT NULL CONSTRAINT trending_products_place_check CHECK (place = '*' OR place ~ '^[A-Z]{2}$'),
    rank        smallint NOT NULL CONSTRAINT trending_products_rank_check CHECK (rank BETWEEN 1 AND 50),
    product_id  uuid NOT NULL,
    people      integer NOT NULL CONSTRAINT trending_products_people_check CHECK (people >= 5),
    PRIMARY KEY (place, rank)
);
