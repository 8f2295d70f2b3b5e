-- Orders that somebody placed without an account, as long as nobody has claimed them: where their mail goes, unless the account that has the address
-- was erased, and how much of it has gone. `line_key` stands for the line from which it was placed, and is forgotten once it is not counted any more.
CREATE TABLE guest_orders (
    order_id   uuid PRIMARY KEY REFERENCES orders,
    email      text CONSTRAINT guest_orders_email_check CHECK (char_length(email) BETWEEN 3 AND 254),
    email_key  text CONSTRAINT guest_orders_email_key_check CHECK (char_length(email_key) BETWEEN 3 AND 300),
    locale     text NOT NULL CONSTRAINT guest_orders_locale_check CHECK (char_length(locale) BETWEEN 1 AND 35),
    line_key   bytea CONSTRAINT guest_orders_line_key_check CHECK (octet_length(line_key) = 32),
    placed_at  timestamptz NOT NULL,
    mails      integer NOT NULL DEFAULT 0 CONSTRAINT guest_orders_mails_check CHECK (mails >= 0)
);
CREATE INDEX guest_orders_email ON guest_orders (email_key, placed_at) WHERE email_key IS NOT NULL;
CREATE INDEX guest_orders_line ON guest_orders (line_key, email_key) WHERE line_key IS NOT NULL;
CREATE INDEX guest_orders_placed ON guest_orders (placed_at);
