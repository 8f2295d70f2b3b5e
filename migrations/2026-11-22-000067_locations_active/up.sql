-- A place that is out of use holds nothing, and nothing comes in there. Orders owe from the default one, so that stays in use.
ALTER TABLE locations
    ADD COLUMN is_active boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT locations_is_active_check CHECK (is_active OR NOT is_default) NOT VALID;
