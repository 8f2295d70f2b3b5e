-- What a buyer sends back of what has arrived. Pieces of a line come back in as many returns as it takes.
CREATE TABLE returns (
    id          uuid PRIMARY KEY,
    part_id     uuid NOT NULL REFERENCES order_parts,
    shop_id     uuid NOT NULL REFERENCES shops,
    status      text NOT NULL CONSTRAINT returns_status_check
                CHECK (status IN ('REQUESTED', 'APPROVED', 'DECLINED', 'WITHDRAWN', 'RECEIVED')),
    reason      text NOT NULL,
    refunded    bigint NOT NULL DEFAULT 0 CONSTRAINT returns_refunded_check CHECK (refunded >= 0),
    created_at  timestamptz NOT NULL
);
CREATE INDEX returns_part ON returns (part_id, created_at, id);
CREATE INDEX returns_shop ON returns (shop_id, created_at, id);
CREATE INDEX returns_shop_status ON returns (shop_id, status, created_at, id);

-- How many pieces were asked for, how many of them came, and how many of those went back into stock.
CREATE TABLE return_lines (
    return_id  uuid NOT NULL REFERENCES returns,
    line_id    uuid NOT NULL REFERENCES order_lines,
    quantity   integer NOT NULL CONSTRAINT return_lines_quantity_check CHECK (quantity > 0),
    received   integer NOT NULL DEFAULT 0 CONSTRAINT return_lines_received_check CHECK (received BETWEEN 0 AND quantity),
    restocked  integer NOT NULL DEFAULT 0 CONSTRAINT return_lines_restocked_check CHECK (restocked BETWEEN 0 AND received),
    PRIMARY KEY (return_id, line_id)
);
CREATE INDEX return_lines_line ON return_lines (line_id);

-- What a buyer complains of. At `due_at` it goes on by itself: to the staff without an answer, to its end with one.
CREATE TABLE claims (
    id          uuid PRIMARY KEY,
    part_id     uuid NOT NULL REFERENCES order_parts,
    shop_id     uuid NOT NULL REFERENCES shops,
    kind        text NOT NULL,
    status      text NOT NULL CONSTRAINT claims_status_check
                CHECK (status IN ('OPEN', 'ANSWERED', 'ESCALATED', 'DECIDED', 'CLOSED')),
    amount      bigint NOT NULL CONSTRAINT claims_amount_check CHECK (amount > 0),
    currency    text NOT NULL,
    -- What of the part has gone back since it was opened, as long as it was open.
    refunded    bigint NOT NULL DEFAULT 0 CONSTRAINT claims_refunded_check CHECK (refunded >= 0),
    decision    text,
    due_at      timestamptz,
    created_at  timestamptz NOT NULL,
    CONSTRAINT claims_decision_check CHECK ((status = 'DECIDED') = (decision IS NOT NULL)),
    CONSTRAINT claims_due_check CHECK ((status IN ('OPEN', 'ANSWERED')) = (due_at IS NOT NULL))
);
CREATE INDEX claims_part ON claims (part_id, created_at, id);
CREATE INDEX claims_shop ON claims (shop_id, created_at, id);
CREATE INDEX claims_shop_status ON claims (shop_id, status, created_at, id);
CREATE INDEX claims_status ON claims (status, created_at, id);
CREATE INDEX claims_due ON claims (due_at, id) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX claims_one_open ON claims (part_id) WHERE status IN ('OPEN', 'ANSWERED', 'ESCALATED');
