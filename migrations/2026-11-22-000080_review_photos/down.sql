DROP TABLE review_reports;
DROP TABLE review_media;
