-- What people wish for. A link names a list by `link_id`; another link has another one.
CREATE TABLE wish_lists (
    id          uuid PRIMARY KEY,
    owner_id    uuid NOT NULL REFERENCES users,
    name        text NOT NULL,
    visibility  text NOT NULL CONSTRAINT wish_lists_visibility_check CHECK (visibility IN ('PRIVATE', 'LINK', 'PUBLIC')),
    link_id     uuid CONSTRAINT wish_lists_link_key UNIQUE,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT wish_lists_link_check CHECK ((visibility = 'PRIVATE') = (link_id IS NULL))
);
CREATE INDEX wish_lists_owner ON wish_lists (owner_id, created_at DESC, id DESC);
CREATE INDEX wish_lists_public ON wish_lists (owner_id) WHERE visibility = 'PUBLIC';
