-- What is paid to the state of a country for what is sent there, as the market lays it down. Rates are hundredths of a percent.
CREATE TABLE country_taxes (
    country        text PRIMARY KEY CONSTRAINT country_taxes_country_check CHECK (country ~ '^[A-Z]{2}$'),
    -- Whether prices contain it; else it comes on top.
    is_included    boolean NOT NULL,
    -- Who pays it to the state.
    remitted_by    text NOT NULL CONSTRAINT country_taxes_remitted_by_check CHECK (remitted_by IN ('MARKET', 'SHOPS')),
    name           text NOT NULL CONSTRAINT country_taxes_name_check CHECK (char_length(name) BETWEEN 1 AND 40),
    standard_rate  integer NOT NULL CONSTRAINT country_taxes_standard_rate_check CHECK (standard_rate BETWEEN 0 AND 10000),
    -- Of what sending costs; the standard rate if there is none.
    shipping_rate  integer CONSTRAINT country_taxes_shipping_rate_check CHECK (shipping_rate BETWEEN 0 AND 10000),
    version        integer NOT NULL DEFAULT 1
);

-- The rates of those tax classes that have one of their own in the country.
CREATE TABLE country_tax_rates (
    country       text NOT NULL REFERENCES country_taxes ON DELETE CASCADE,
    tax_class_id  uuid NOT NULL REFERENCES tax_classes,
    rate          integer NOT NULL CONSTRAINT country_tax_rates_rate_check CHECK (rate BETWEEN 0 AND 10000),
    PRIMARY KEY (country, tax_class_id)
);
CREATE INDEX country_tax_rates_tax_class ON country_tax_rates (tax_class_id);
