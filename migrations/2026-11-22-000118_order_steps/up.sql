-- What happened to an order, or to one of its parts. `about_id` is what it happened by: of a refund, its id.
CREATE TABLE order_steps (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES orders,
    part_id     uuid REFERENCES order_parts,
    step        text NOT NULL,
    actor_id    uuid REFERENCES users,
    about_id    uuid,
    reason      text,
    created_at  timestamptz NOT NULL,
    -- Steps of one order follow each other under its lock, and some at the same moment.
    position    bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX order_steps_order ON order_steps (order_id, position);
CREATE INDEX order_steps_part ON order_steps (part_id);
CREATE INDEX order_steps_actor ON order_steps (actor_id);
