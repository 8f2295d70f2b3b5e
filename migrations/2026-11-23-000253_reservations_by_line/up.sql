-- What is held for guests is bounded by line.
CREATE INDEX CONCURRENTLY stock_reservations_line ON stock_reservations (line_key) WHERE line_key IS NOT NULL;
