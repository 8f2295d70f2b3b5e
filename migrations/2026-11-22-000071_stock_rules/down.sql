DROP TABLE availability_notices;
DROP TABLE stock_rules;
