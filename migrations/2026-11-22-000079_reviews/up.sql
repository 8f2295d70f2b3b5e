-- What somebody who bought a product says of it, and what its shop answers. The staff hide some; `reported_at` is there while a
-- report waits for them.
CREATE TABLE reviews (
    id             uuid PRIMARY KEY,
    product_id     uuid NOT NULL REFERENCES products,
    shop_id        uuid NOT NULL,
    variant_id     uuid,
    author_id      uuid NOT NULL REFERENCES users,
    rating         integer NOT NULL CONSTRAINT reviews_rating_check CHECK (rating BETWEEN 1 AND 5),
    title          text NOT NULL,
    text           text NOT NULL,
    photo_count    integer NOT NULL CONSTRAINT reviews_photo_count_check CHECK (photo_count BETWEEN 0 AND 6),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    edited_at      timestamptz,
    reply          text,
    replied_at     timestamptz,
    reply_edited_at  timestamptz,
    hidden_at      timestamptz,
    hidden_reason  text,
    reported_at    timestamptz,
    CONSTRAINT reviews_author_key UNIQUE (product_id, author_id),
    CONSTRAINT reviews_reply_check CHECK ((reply IS NULL) = (replied_at IS NULL)),
    CONSTRAINT reviews_hidden_check CHECK ((hidden_at IS NULL) = (hidden_reason IS NULL))
);
CREATE INDEX reviews_author ON reviews (author_id, created_at DESC, id DESC);
CREATE INDEX reviews_variant ON reviews (variant_id);
CREATE INDEX reviews_shop ON reviews (shop_id, created_at DESC, id DESC);
CREATE INDEX reviews_unanswered ON reviews (shop_id, created_at DESC, id DESC) WHERE hidden_at IS NULL AND reply IS NULL;
CREATE INDEX reviews_answered ON reviews (shop_id, created_at DESC, id DESC) WHERE hidden_at IS NULL AND reply IS NOT NULL;
CREATE INDEX reviews_newest ON reviews (product_id, created_at DESC, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX reviews_high ON reviews (product_id, rating DESC, created_at DESC, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX reviews_low ON reviews (product_id, (-rating) DESC, created_at DESC, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX reviews_with_photos ON reviews (product_id, created_at DESC, id DESC) WHERE hidden_at IS NULL AND photo_count > 0;
CREATE INDEX reviews_reported ON reviews (reported_at DESC, id DESC) WHERE reported_at IS NOT NULL;
