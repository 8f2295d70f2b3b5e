-- What clients keep for a person, each under a name of its own. We do not look into it.
CREATE TABLE client_settings (
    user_id        uuid NOT NULL REFERENCES users,
    namespace      text NOT NULL,
    value          text NOT NULL CONSTRAINT client_settings_size_check CHECK (octet_length(value) <= 4096),
    version        integer NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, namespace)
);

-- Local times of day between which people are left alone, and what others may see of them.
ALTER TABLE preferences
    ADD COLUMN quiet_from text,
    ADD COLUMN quiet_until text,
    ADD COLUMN has_read_receipts boolean NOT NULL DEFAULT true,
    ADD COLUMN has_typing_indicators boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT preferences_quiet_check CHECK ((quiet_from IS NULL) = (quiet_until IS NULL));
