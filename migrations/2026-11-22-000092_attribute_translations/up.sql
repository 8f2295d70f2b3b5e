-- What attributes are called in other languages than the catalogue's own.
CREATE TABLE attribute_translations (
    attribute_id  uuid NOT NULL REFERENCES attributes ON DELETE CASCADE,
    locale        text NOT NULL,
    name          text NOT NULL,
    PRIMARY KEY (attribute_id, locale)
);
