-- What people are told of, but messages: of these the conversations say what is unread. One of a kind about one thing is renewed, not told
-- twice. One that is not listed was pushed, and stands in no list.
CREATE TABLE notifications (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users,
    kind          text NOT NULL CONSTRAINT notifications_kind_check CHECK (kind IN ('ORDERS', 'SHOP', 'AVAILABILITY', 'PRICES')),
    topic         text NOT NULL CONSTRAINT notifications_topic_check CHECK (topic IN (
        'ORDER_PLACED', 'ORDER_AUTHORIZED', 'ORDER_PAID', 'ORDER_UNPAID', 'ORDER_EDITED', 'ORDER_CANCELLED', 'ORDER_SOLD',
        'PIECES_CANCELLED', 'AUTHORIZATION_LOST', 'REFUNDED', 'SHIPPED',
        'RETURN_REQUESTED', 'RETURN_WITHDRAWN', 'RETURN_APPROVED', 'RETURN_DECLINED', 'RETURN_RECEIVED',
        'CLAIM_OPENED', 'CLAIM_ANSWERED', 'CLAIM_ESCALATED', 'CLAIM_DECIDED', 'CLAIM_CLOSED',
        'DISPUTE_OPENED', 'DISPUTE_CLOSED', 'STOCK_LOW', 'BACK_IN_STOCK', 'PRICE_DROPPED')),
    subject_kind  text NOT NULL
        CONSTRAINT notifications_subject_kind_check CHECK (subject_kind IN ('ORDER', 'ORDER_PART', 'PRODUCT', 'VARIANT')),
    subject_id    uuid NOT NULL,
    -- The row of what happened.
    source_id     uuid NOT NULL,
    is_listed     boolean NOT NULL,
    created_at    timestamptz NOT NULL,
    read_at       timestamptz,
    CONSTRAINT notifications_source UNIQUE (user_id, topic, source_id)
);
CREATE INDEX notifications_listed ON notifications (user_id, created_at, id) WHERE is_listed;
CREATE INDEX notifications_unread ON notifications (user_id, created_at, id) WHERE is_listed AND read_at IS NULL;
CREATE INDEX notifications_age ON notifications (created_at);
