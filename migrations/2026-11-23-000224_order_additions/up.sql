-- What a buyer has added to a part after it was paid, once that was paid, too. What it brought is booked under its id, and its invoice
-- bears it.
CREATE TABLE order_additions (
    id         uuid PRIMARY KEY,
    part_id    uuid NOT NULL REFERENCES order_parts,
    -- What brought it: should a bank take that back, it is taken from who sold what was added.
    intent_id  uuid REFERENCES payment_intents,
    amount     bigint NOT NULL CONSTRAINT order_additions_amount_check CHECK (amount > 0),
    joined_at  timestamptz NOT NULL
);
CREATE INDEX order_additions_part ON order_additions (part_id);
CREATE INDEX order_additions_intent ON order_additions (intent_id);

-- Its lines. As long as they wait for their money they stand here alone, and go if it does not come; once they are paid they stand among
-- the order's, too, by the same id.
CREATE TABLE order_added_lines (
    id               uuid PRIMARY KEY,
    part_id          uuid NOT NULL REFERENCES order_parts,
    -- Null as long as they are not paid.
    addition_id      uuid REFERENCES order_additions,
    ordinal          integer NOT NULL,
    product_id       uuid NOT NULL REFERENCES products,
    variant_id       uuid NOT NULL REFERENCES product_variants,
    title            text NOT NULL,
    sku              text NOT NULL,
    quantity         integer NOT NULL CONSTRAINT order_added_lines_quantity_check CHECK (quantity > 0),
    unit_price       bigint NOT NULL CONSTRAINT order_added_lines_unit_price_check CHECK (unit_price >= 0),
    total            bigint NOT NULL,
    tax              bigint NOT NULL,
    tax_rate         integer NOT NULL,
    tax_is_added     boolean NOT NULL,
    tax_name         text CONSTRAINT order_added_lines_tax_name_check CHECK (length(tax_name) BETWEEN 1 AND 40),
    -- Whether the market keeps the tax for the state.
    is_tax_withheld  boolean NOT NULL,
    -- How many were taken out again before they were paid.
    cancelled        integer NOT NULL DEFAULT 0 CONSTRAINT order_added_lines_cancelled_check CHECK (cancelled BETWEEN 0 AND quantity),
    created_at       timestamptz NOT NULL,
    CONSTRAINT order_added_lines_total_check CHECK (total = unit_price * quantity + CASE WHEN tax_is_added THEN tax ELSE 0 END),
    CONSTRAINT order_added_lines_tax_check CHECK (tax >= 0 AND tax <= total AND tax_rate BETWEEN 0 AND 10000),
    CONSTRAINT order_added_lines_ordinal_key UNIQUE (part_id, ordinal)
);
CREATE INDEX order_added_lines_addition ON order_added_lines (addition_id);
CREATE INDEX order_added_lines_waiting ON order_added_lines (part_id) WHERE addition_id IS NULL;
CREATE INDEX order_added_lines_product ON order_added_lines (product_id);
CREATE INDEX order_added_lines_variant ON order_added_lines (variant_id);
