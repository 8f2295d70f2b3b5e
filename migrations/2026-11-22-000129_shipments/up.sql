-- What a shop sends of its part of an order. Pieces of a line lie in as many shipments as it takes.
CREATE TABLE shipments (
    id               uuid PRIMARY KEY,
    part_id          uuid NOT NULL REFERENCES order_parts,
    status           text NOT NULL CONSTRAINT shipments_status_check
                     CHECK (status IN ('PACKED', 'SHIPPED', 'DELIVERED', 'UNPACKED')),
    carrier          text,
    tracking_number  text,
    tracking_url     text,
    created_at       timestamptz NOT NULL,
    shipped_at       timestamptz,
    delivered_at     timestamptz
);
CREATE INDEX shipments_part ON shipments (part_id, created_at, id);

CREATE TABLE shipment_lines (
    shipment_id  uuid NOT NULL REFERENCES shipments,
    line_id      uuid NOT NULL REFERENCES order_lines,
    quantity     integer NOT NULL CONSTRAINT shipment_lines_quantity_check CHECK (quantity > 0),
    PRIMARY KEY (shipment_id, line_id)
);
CREATE INDEX shipment_lines_line ON shipment_lines (line_id);
