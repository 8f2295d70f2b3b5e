-- Where an image came from that nobody sent: whoever names that URL again means this image.
ALTER TABLE product_media ADD COLUMN source_url text;
