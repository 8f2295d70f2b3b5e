-- As attribute_translations, of their choices. Apart, so that no more than one table that is in use is held at a time.
CREATE TABLE attribute_choice_translations (
    choice_id  uuid NOT NULL REFERENCES attribute_choices ON DELETE CASCADE,
    locale     text NOT NULL,
    name       text NOT NULL,
    PRIMARY KEY (choice_id, locale)
);
