DROP TRIGGER moderation_cases_name_shop ON moderation_cases;
DROP FUNCTION moderation_cases_name_shop();
DROP FUNCTION moderation_cases_shop_of(text, uuid);
ALTER TABLE moderation_cases DROP COLUMN shop_id;
