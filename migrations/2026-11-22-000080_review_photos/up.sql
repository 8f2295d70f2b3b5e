-- The photos of a review, in its author's order.
CREATE TABLE review_media (
    review_id  uuid NOT NULL REFERENCES reviews,
    media_id   uuid NOT NULL REFERENCES media,
    ordinal    integer NOT NULL,
    PRIMARY KEY (review_id, media_id)
);
CREATE INDEX review_media_media ON review_media (media_id);

-- Why people think that the staff should look at a review.
CREATE TABLE review_reports (
    review_id    uuid NOT NULL REFERENCES reviews,
    reporter_id  uuid NOT NULL REFERENCES users,
    reason       text NOT NULL,
    note         text NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (review_id, reporter_id)
);
CREATE INDEX review_reports_reporter ON review_reports (reporter_id, created_at DESC, review_id DESC);
