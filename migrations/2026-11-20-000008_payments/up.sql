-- A ledger account of one owner (an order, a shop) or of the market itself (no owner) in one currency.
-- `balance` is credits minus debits of its transfers, moved in the same transaction as they are written.
CREATE TABLE accounts (
    id        uuid PRIMARY KEY,
    kind      text NOT NULL CONSTRAINT accounts_kind_check CHECK (kind IN ('PROVIDER', 'ORDER', 'IMPORTED')),
    owner_id  uuid,
    currency  text NOT NULL,
    balance   bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX accounts_owner_key ON accounts (kind, owner_id, currency) NULLS NOT DISTINCT;
CREATE INDEX accounts_owner ON accounts (owner_id);

CREATE TABLE payment_intents (
    id                 uuid PRIMARY KEY,
    order_id           uuid NOT NULL REFERENCES orders,
    amount             bigint NOT NULL CONSTRAINT payment_intents_amount_check CHECK (amount > 0),
    currency           text NOT NULL,
    status             text NOT NULL CONSTRAINT payment_intents_status_check
                       CHECK (status IN ('PROCESSING', 'REQUIRES_ACTION', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    provider           text NOT NULL,
    method             text NOT NULL,
    return_url         text,
    reference          text,
    failure            text,
    next_action_url    text,
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL
);
CREATE INDEX payment_intents_order ON payment_intents (order_id, created_at);
-- An order is paid by one attempt at a time.
CREATE UNIQUE INDEX payment_intents_live ON payment_intents (order_id) WHERE status IN ('PROCESSING', 'REQUIRES_ACTION');

-- Append-only; one row debits one account and credits another, so the books balance by construction.
CREATE TABLE transfers (
    id          uuid PRIMARY KEY,
    debit_id    uuid NOT NULL REFERENCES accounts,
    credit_id   uuid NOT NULL REFERENCES accounts,
    amount      bigint NOT NULL CONSTRAINT transfers_amount_check CHECK (amount > 0),
    currency    text NOT NULL,
    cause       text NOT NULL CONSTRAINT transfers_cause_check CHECK (cause IN ('PAYMENT', 'REFUND')),
    cause_id    uuid NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT transfers_accounts_check CHECK (debit_id <> credit_id),
    CONSTRAINT transfers_cause_key UNIQUE (cause, cause_id, debit_id, credit_id)
);
CREATE INDEX transfers_debit ON transfers (debit_id);
CREATE INDEX transfers_credit ON transfers (credit_id);
