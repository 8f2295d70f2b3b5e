-- What files of products that people sent came to.
CREATE TABLE product_imports (
    id            uuid PRIMARY KEY,
    shop_id       uuid NOT NULL REFERENCES shops,
    -- Who asked for it; nobody once they are erased.
    user_id       uuid,
    upload_id     uuid NOT NULL,
    format        text,
    policy        text NOT NULL,
    is_dry_run    boolean NOT NULL,
    state         text NOT NULL DEFAULT 'WAITING',
    failure       text,
    failure_text  text,
    row_count     integer,
    -- How far it is: records of the file that are done for good.
    record_count  integer NOT NULL DEFAULT 0,
    rows_read     integer NOT NULL DEFAULT 0,
    created       integer NOT NULL DEFAULT 0,
    updated       integer NOT NULL DEFAULT 0,
    unchanged     integer NOT NULL DEFAULT 0,
    rejected      integer NOT NULL DEFAULT 0,
    -- How often what was so, by what it was.
    rejections    jsonb NOT NULL DEFAULT '{}',
    notes         jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL,
    progressed_at timestamptz NOT NULL,
    finished_at   timestamptz,
    CHECK (created + updated + unchanged + rejected <= rows_read)
);
CREATE INDEX product_imports_shop ON product_imports (shop_id, created_at, id);
CREATE INDEX product_imports_user ON product_imports (user_id, created_at, id);
CREATE INDEX product_imports_age ON product_imports (created_at);
-- One at a time.
CREATE UNIQUE INDEX product_imports_open ON product_imports (shop_id) WHERE finished_at IS NULL;

-- The first rows that were not taken.
CREATE TABLE product_import_rejects (
    import_id uuid NOT NULL REFERENCES product_imports ON DELETE CASCADE,
    -- In the file, from 1.
    line      bigint NOT NULL,
    reason    text NOT NULL,
    PRIMARY KEY (import_id, line)
);
