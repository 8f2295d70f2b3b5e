-- What categories are called in other languages than the catalogue's own.
CREATE TABLE category_translations (
    category_id  uuid NOT NULL REFERENCES categories ON DELETE CASCADE,
    locale       text NOT NULL,
    name         text NOT NULL,
    description  text NOT NULL,
    PRIMARY KEY (category_id, locale)
);
