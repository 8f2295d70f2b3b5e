DROP TABLE product_attributes;
DROP TABLE product_kind_attributes;
DROP TABLE product_kinds;
DROP TABLE attribute_choices;
DROP TABLE attributes;
