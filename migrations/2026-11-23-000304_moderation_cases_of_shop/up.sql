-- For the foreign key.
CREATE INDEX CONCURRENTLY moderation_cases_of_shop ON moderation_cases (shop_id);
