-- What can be said of products in a form that can be compared.
CREATE TABLE attributes (
    id             uuid PRIMARY KEY,
    handle         text NOT NULL CONSTRAINT attributes_handle_key UNIQUE,
    name           text NOT NULL,
    kind           text NOT NULL CONSTRAINT attributes_kind_check CHECK (kind IN ('TEXT', 'NUMBER', 'CHOICE', 'BOOLEAN', 'DATE')),
    unit           text,
    is_filterable  boolean NOT NULL,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    CONSTRAINT attributes_unit_check CHECK (unit IS NULL OR kind = 'NUMBER'),
    CONSTRAINT attributes_is_filterable_check CHECK (NOT is_filterable OR kind <> 'TEXT')
);
CREATE INDEX attributes_name ON attributes (name, id);

-- What an attribute of the kind CHOICE can be.
CREATE TABLE attribute_choices (
    id            uuid PRIMARY KEY,
    attribute_id  uuid NOT NULL REFERENCES attributes,
    ordinal       integer NOT NULL,
    name          text NOT NULL,
    CONSTRAINT attribute_choices_attribute_key UNIQUE (id, attribute_id)
);
CREATE INDEX attribute_choices_attribute ON attribute_choices (attribute_id, ordinal, id);

-- Which attributes products of a kind have, and in which order.
CREATE TABLE product_kinds (
    id          uuid PRIMARY KEY,
    handle      text NOT NULL CONSTRAINT product_kinds_handle_key UNIQUE,
    name        text NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL
);
CREATE INDEX product_kinds_name ON product_kinds (name, id);

CREATE TABLE product_kind_attributes (
    product_kind_id  uuid NOT NULL REFERENCES product_kinds,
    attribute_id     uuid NOT NULL REFERENCES attributes,
    ordinal          integer NOT NULL,
    is_required      boolean NOT NULL,
    PRIMARY KEY (product_kind_id, attribute_id)
);
CREATE INDEX product_kind_attributes_attribute ON product_kind_attributes (attribute_id);

-- What is said of a product: one value for each attribute. Numbers are in millionths.
CREATE TABLE product_attributes (
    product_id     uuid NOT NULL REFERENCES products,
    attribute_id   uuid NOT NULL REFERENCES attributes,
    text_value     text,
    number_value   bigint,
    choice_id      uuid,
    boolean_value  boolean,
    date_value     date,
    PRIMARY KEY (product_id, attribute_id),
    FOREIGN KEY (choice_id, attribute_id) REFERENCES attribute_choices (id, attribute_id),
    CONSTRAINT product_attributes_value_check CHECK (num_nonnulls(text_value, number_value, choice_id, boolean_value, date_value) = 1)
);
CREATE INDEX product_attributes_attribute ON product_attributes (attribute_id, product_id);
CREATE INDEX product_attributes_choice ON product_attributes (choice_id, attribute_id, product_id);
CREATE INDEX product_attributes_number ON product_attributes (attribute_id, number_value, product_id) WHERE number_value IS NOT NULL;
CREATE INDEX product_attributes_boolean ON product_attributes (attribute_id, boolean_value, product_id) WHERE boolean_value IS NOT NULL;
CREATE INDEX product_attributes_date ON product_attributes (attribute_id, date_value, product_id) WHERE date_value IS NOT NULL;
