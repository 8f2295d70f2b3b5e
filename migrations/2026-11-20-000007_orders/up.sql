CREATE TABLE orders (
    id                uuid PRIMARY KEY,
    number            text NOT NULL CONSTRAINT orders_number_key UNIQUE,
    buyer_id          uuid REFERENCES users,
    status            text NOT NULL CONSTRAINT orders_status_check CHECK (status IN ('OPEN', 'COMPLETED', 'CANCELLED')),
    currency          text NOT NULL,
    total             bigint NOT NULL CONSTRAINT orders_total_check CHECK (total >= 0),
    shipping_address  jsonb,
    source            text NOT NULL DEFAULT 'AGORA' CONSTRAINT orders_source_check CHECK (source IN ('AGORA', 'IMPORT')),
    version           integer NOT NULL DEFAULT 1,
    placed_at         timestamptz NOT NULL,
    cancelled_at      timestamptz
);
CREATE INDEX orders_buyer ON orders (buyer_id, placed_at DESC, id DESC);

CREATE TABLE order_parts (
    id                 uuid PRIMARY KEY,
    order_id           uuid NOT NULL REFERENCES orders,
    shop_id            uuid NOT NULL REFERENCES shops,
    conversation_id    uuid REFERENCES conversations CONSTRAINT order_parts_conversation_key UNIQUE,
    ordinal            integer NOT NULL,
    fulfillment_state  text NOT NULL CONSTRAINT order_parts_fulfillment_state_check
                       CHECK (fulfillment_state IN ('UNFULFILLED', 'PACKED', 'SHIPPED', 'DELIVERED', 'RETURNED')),
    total              bigint NOT NULL CONSTRAINT order_parts_total_check CHECK (total >= 0),
    placed_at          timestamptz NOT NULL,
    CONSTRAINT order_parts_shop_key UNIQUE (order_id, shop_id)
);
CREATE INDEX order_parts_shop ON order_parts (shop_id, placed_at DESC, id DESC);

-- What was agreed: title, SKU and price are copies. A CHARGE (postage, a fee) names no variant.
CREATE TABLE order_lines (
    id          uuid PRIMARY KEY,
    part_id     uuid NOT NULL REFERENCES order_parts,
    ordinal     integer NOT NULL,
    kind        text NOT NULL CONSTRAINT order_lines_kind_check CHECK (kind IN ('GOODS', 'CHARGE')),
    product_id  uuid REFERENCES products,
    variant_id  uuid REFERENCES product_variants,
    title       text NOT NULL,
    sku         text NOT NULL,
    quantity    integer NOT NULL CONSTRAINT order_lines_quantity_check CHECK (quantity > 0),
    unit_price  bigint NOT NULL CONSTRAINT order_lines_unit_price_check CHECK (unit_price >= 0),
    total       bigint NOT NULL,
    CONSTRAINT order_lines_goods_check CHECK ((kind = 'GOODS') = (variant_id IS NOT NULL) AND (variant_id IS NULL) = (product_id IS NULL)),
    CONSTRAINT order_lines_total_check CHECK (total = unit_price * quantity),
    CONSTRAINT order_lines_ordinal_key UNIQUE (part_id, ordinal)
);
CREATE INDEX order_lines_product ON order_lines (product_id);
CREATE INDEX order_lines_variant ON order_lines (variant_id);

-- Goods that came back, or charges given back, in one act of one shop.
CREATE TABLE order_returns (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL REFERENCES shops,
    buyer_id     uuid REFERENCES users,
    currency     text NOT NULL,
    total        bigint NOT NULL CONSTRAINT order_returns_total_check CHECK (total >= 0),
    received_at  timestamptz NOT NULL
);
CREATE INDEX order_returns_shop ON order_returns (shop_id);
CREATE INDEX order_returns_buyer ON order_returns (buyer_id);

-- `line_id` is the line that the goods were bought with, where it is known.
CREATE TABLE order_return_lines (
    id          uuid PRIMARY KEY,
    return_id   uuid NOT NULL REFERENCES order_returns,
    ordinal     integer NOT NULL,
    line_id     uuid REFERENCES order_lines,
    kind        text NOT NULL CONSTRAINT order_return_lines_kind_check CHECK (kind IN ('GOODS', 'CHARGE')),
    variant_id  uuid REFERENCES product_variants,
    title       text NOT NULL,
    sku         text NOT NULL,
    quantity    integer NOT NULL CONSTRAINT order_return_lines_quantity_check CHECK (quantity > 0),
    unit_price  bigint NOT NULL CONSTRAINT order_return_lines_unit_price_check CHECK (unit_price >= 0),
    total       bigint NOT NULL,
    CONSTRAINT order_return_lines_total_check CHECK (total = unit_price * quantity),
    CONSTRAINT order_return_lines_ordinal_key UNIQUE (return_id, ordinal)
);
CREATE INDEX order_return_lines_line ON order_return_lines (line_id);
CREATE INDEX order_return_lines_variant ON order_return_lines (variant_id);

-- Where a row came from, so that an import run twice changes nothing: (source, kind, key) is the other system's name.
CREATE TABLE import_keys (
    source     text NOT NULL,
    kind       text NOT NULL,
    key        text NOT NULL,
    target_id  uuid NOT NULL,
    PRIMARY KEY (source, kind, key)
);
