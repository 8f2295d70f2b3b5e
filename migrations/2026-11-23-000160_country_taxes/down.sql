DROP TABLE country_tax_rates, country_taxes;
