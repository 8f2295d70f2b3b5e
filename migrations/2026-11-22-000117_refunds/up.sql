-- Money that goes back to whoever paid: of one payment, for one part of the order or, if none is named, because too much came in.
CREATE TABLE refunds (
    id          uuid PRIMARY KEY,
    intent_id   uuid NOT NULL REFERENCES payment_intents,
    order_id    uuid NOT NULL REFERENCES orders,
    part_id     uuid REFERENCES order_parts,
    amount      bigint NOT NULL CONSTRAINT refunds_amount_check CHECK (amount > 0),
    currency    text NOT NULL,
    status      text NOT NULL CONSTRAINT refunds_status_check CHECK (status IN ('PROCESSING', 'SUCCEEDED', 'FAILED')),
    reason      text,
    -- How often it was begun. With the id, the key towards the provider.
    attempt     integer NOT NULL DEFAULT 1 CONSTRAINT refunds_attempt_check CHECK (attempt > 0),
    reference   text,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE INDEX refunds_order ON refunds (order_id, created_at, id);
CREATE INDEX refunds_intent ON refunds (intent_id);
CREATE INDEX refunds_part ON refunds (part_id, created_at, id);
