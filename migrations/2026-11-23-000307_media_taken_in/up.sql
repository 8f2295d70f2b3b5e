-- Whether the market has fetched it itself: then it counts as nobody's. Of what is there it is known where a product's picture came from a URL.
ALTER TABLE media ADD COLUMN is_taken_in boolean NOT NULL DEFAULT false;
UPDATE media SET is_taken_in = true
 WHERE id IN (SELECT media_id FROM product_media WHERE source_url IS NOT NULL);
