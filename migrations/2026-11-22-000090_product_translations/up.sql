-- What products say in other languages than the catalogue's own. `options` says what options and their values are called by what
-- the product calls them: what is called otherwise by now has no translation any more.
CREATE TABLE product_translations (
    product_id   uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    locale       text NOT NULL,
    title        text NOT NULL,
    description  text NOT NULL,
    options      jsonb NOT NULL,
    PRIMARY KEY (product_id, locale)
);
