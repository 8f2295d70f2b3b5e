DROP TABLE product_attributes;
DROP TABLE product_type_attributes;
DROP TABLE product_types;
DROP TABLE attribute_choices;
DROP TABLE attributes;
