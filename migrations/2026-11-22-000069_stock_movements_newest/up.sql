-- Apart, for nobody must be kept from moving stock meanwhile. A shop reads its movements by location and reason, the newest first.
CREATE INDEX CONCURRENTLY stock_movements_newest ON stock_movements (location_id, reason, created_at, id);
