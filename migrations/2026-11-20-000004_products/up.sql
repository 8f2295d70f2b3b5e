CREATE TABLE categories (
    id          uuid PRIMARY KEY,
    parent_id   uuid REFERENCES categories,
    slug        text NOT NULL CONSTRAINT categories_slug_key UNIQUE,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX categories_parent ON categories (parent_id);

-- price_min and price_max are the cheapest and the dearest variant's, in `currency`; `search_words` are the folded words.
CREATE TABLE products (
    id            uuid PRIMARY KEY,
    shop_id       uuid NOT NULL REFERENCES shops,
    category_id   uuid REFERENCES categories,
    slug          text NOT NULL CONSTRAINT products_slug_key UNIQUE,
    title         text NOT NULL,
    description   text NOT NULL DEFAULT '',
    status        text NOT NULL CONSTRAINT products_status_check CHECK (status IN ('DRAFT', 'ACTIVE', 'ARCHIVED')),
    currency      text NOT NULL,
    price_min     bigint NOT NULL CONSTRAINT products_price_min_check CHECK (price_min >= 0),
    price_max     bigint NOT NULL CONSTRAINT products_price_max_check CHECK (price_max >= price_min),
    sold_count    bigint NOT NULL DEFAULT 0,
    search_words  text NOT NULL,
    search        tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', search_words)) STORED,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX products_newest ON products (created_at DESC, id DESC) WHERE status = 'ACTIVE';
CREATE INDEX products_price ON products (currency, price_min, id) WHERE status = 'ACTIVE';
CREATE INDEX products_best_selling ON products (sold_count DESC, id DESC) WHERE status = 'ACTIVE';
CREATE INDEX products_category_newest ON products (category_id, created_at DESC, id DESC);
CREATE INDEX products_shop_newest ON products (shop_id, created_at DESC, id DESC);
CREATE INDEX products_search ON products USING gin (search) WHERE status = 'ACTIVE';

CREATE TABLE product_variants (
    id          uuid PRIMARY KEY,
    product_id  uuid NOT NULL REFERENCES products,
    shop_id     uuid NOT NULL REFERENCES shops,
    sku         text NOT NULL,
    title       text NOT NULL,
    ordinal     integer NOT NULL,
    currency    text NOT NULL,
    price       bigint NOT NULL CONSTRAINT product_variants_price_check CHECK (price >= 0),
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    CONSTRAINT product_variants_sku_key UNIQUE (shop_id, sku)
);
CREATE INDEX product_variants_product ON product_variants (product_id, ordinal, id);
