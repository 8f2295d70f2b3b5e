-- What providers of payments have told of their own accord, as it came; forgotten after a while. Each event is here once, however
-- often it comes. A job asks the provider what has become of the payment that it is about.
CREATE TABLE provider_events (
    provider      text NOT NULL CONSTRAINT provider_events_provider_check CHECK (char_length(provider) BETWEEN 1 AND 40),
    event_id      text NOT NULL CONSTRAINT provider_events_event_id_check CHECK (char_length(event_id) BETWEEN 1 AND 255),
    -- By the event's word: it may be a payment of another market that shares the account.
    intent_id     uuid NOT NULL,
    -- As it came, sealed under the master key: it may say who has paid, and by what a payment is gone on with.
    sealed_body   bytea NOT NULL CONSTRAINT provider_events_body_check CHECK (octet_length(sealed_body) <= 262184),
    -- How often it came.
    deliveries    integer NOT NULL DEFAULT 1,
    received_at   timestamptz NOT NULL,
    processed_at  timestamptz,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX provider_events_received ON provider_events (received_at);
CREATE INDEX provider_events_intent ON provider_events (intent_id);
