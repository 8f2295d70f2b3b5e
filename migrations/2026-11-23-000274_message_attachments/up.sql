-- What was sent along with messages, in the order in which it stands there. A row is a picture, a file, a card of a product or of an order's
-- part, or a place; of the last, and of a file, `name` says what it is called.
CREATE TABLE message_attachments (
    message_id  uuid NOT NULL REFERENCES messages (id),
    ordinal     integer NOT NULL CONSTRAINT message_attachments_ordinal_check CHECK (ordinal BETWEEN 0 AND 9),
    media_id    uuid REFERENCES media,
    upload_id   uuid REFERENCES uploads,
    product_id  uuid REFERENCES products,
    part_id     uuid REFERENCES order_parts,
    name        text CONSTRAINT message_attachments_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    latitude    double precision CONSTRAINT message_attachments_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision CONSTRAINT message_attachments_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    PRIMARY KEY (message_id, ordinal),
    CONSTRAINT message_attachments_content_check CHECK (
        num_nonnulls(media_id, upload_id, product_id, part_id, latitude) = 1
        AND (latitude IS NULL) = (longitude IS NULL)
        AND (name IS NOT NULL) = (upload_id IS NOT NULL OR latitude IS NOT NULL))
);
CREATE INDEX message_attachments_media ON message_attachments (media_id);
-- A file stands in one message.
CREATE UNIQUE INDEX message_attachments_upload ON message_attachments (upload_id);
CREATE INDEX message_attachments_product ON message_attachments (product_id);
CREATE INDEX message_attachments_part ON message_attachments (part_id);
