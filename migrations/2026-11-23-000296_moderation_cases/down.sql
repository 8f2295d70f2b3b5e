DROP TABLE moderation_notices;
DROP TABLE moderation_cases;
