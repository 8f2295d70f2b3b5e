DROP TABLE promotion_uses;
