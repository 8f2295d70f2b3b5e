CREATE TABLE locations (
    id          uuid PRIMARY KEY,
    shop_id     uuid NOT NULL REFERENCES shops,
    name        text NOT NULL,
    is_default  boolean NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX locations_shop ON locations (shop_id);
CREATE UNIQUE INDEX locations_default ON locations (shop_id) WHERE is_default;

CREATE TABLE stock_levels (
    variant_id   uuid NOT NULL REFERENCES product_variants,
    location_id  uuid NOT NULL REFERENCES locations,
    on_hand      integer NOT NULL CONSTRAINT stock_levels_on_hand_check CHECK (on_hand >= 0),
    PRIMARY KEY (variant_id, location_id)
);
CREATE INDEX stock_levels_location ON stock_levels (location_id);

-- Append-only: a level is the sum of its movements.
CREATE TABLE stock_movements (
    id           uuid PRIMARY KEY,
    variant_id   uuid NOT NULL,
    location_id  uuid NOT NULL,
    delta        integer NOT NULL CONSTRAINT stock_movements_delta_check CHECK (delta <> 0),
    reason       text NOT NULL CONSTRAINT stock_movements_reason_check CHECK (reason IN ('RECEIVED', 'CORRECTED', 'SOLD', 'RESTOCKED')),
    cause_id     uuid,
    actor_id     uuid,
    created_at   timestamptz NOT NULL,
    FOREIGN KEY (variant_id, location_id) REFERENCES stock_levels
);
CREATE INDEX stock_movements_level ON stock_movements (variant_id, location_id, created_at);
-- A cause moves a level once per reason: an order sells and restocks each line a single time.
CREATE UNIQUE INDEX stock_movements_cause ON stock_movements (cause_id, variant_id, location_id, reason) WHERE cause_id IS NOT NULL;
