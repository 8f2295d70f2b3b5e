-- What a shop shows beside its name. Apart, for lists that name a shop need nothing of it.
CREATE TABLE shop_profiles (
    shop_id        uuid PRIMARY KEY REFERENCES shops,
    banner_id      uuid REFERENCES media,
    banner_text    text NOT NULL,
    ships_from     jsonb,
    holiday_from   timestamptz,
    holiday_until  timestamptz,
    holiday_note   text NOT NULL,
    CONSTRAINT shop_profiles_holiday CHECK (holiday_until > holiday_from),
    CONSTRAINT shop_profiles_no_holiday CHECK (holiday_from IS NOT NULL OR (holiday_until IS NULL AND holiday_note = ''))
);
CREATE INDEX shop_profiles_banner ON shop_profiles (banner_id);

-- What a shop tells buyers to know beforehand.
CREATE TABLE shop_policies (
    shop_id     uuid NOT NULL REFERENCES shops,
    kind        text NOT NULL CHECK (kind IN ('RETURNS', 'SHIPPING', 'TERMS', 'PRIVACY', 'LEGAL_NOTICE')),
    body        text NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (shop_id, kind)
);
