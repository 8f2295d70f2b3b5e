-- The last number that a shop has given to a document of a kind. It is raised in the transaction that writes the document.
CREATE TABLE shop_document_series (
    shop_id      uuid NOT NULL REFERENCES shops,
    kind         text NOT NULL CONSTRAINT shop_document_series_kind_check CHECK (kind IN ('INVOICE', 'CREDIT_NOTE')),
    last_number  integer NOT NULL CONSTRAINT shop_document_series_last_number_check CHECK (last_number > 0),
    PRIMARY KEY (shop_id, kind)
);

-- Invoices, and credit notes about them, with everything that stands on them, so that nothing changes it later.
CREATE TABLE shop_documents (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CONSTRAINT shop_documents_kind_check CHECK (kind IN ('INVOICE', 'CREDIT_NOTE')),
    shop_id     uuid NOT NULL REFERENCES shops,
    number      integer NOT NULL CONSTRAINT shop_documents_number_check CHECK (number > 0),
    part_id     uuid NOT NULL REFERENCES order_parts,
    -- Of a credit note, what it is about, and the refund that it was made for.
    invoice_id  uuid REFERENCES shop_documents,
    refund_id   uuid REFERENCES refunds,
    currency    text NOT NULL,
    total       bigint NOT NULL CONSTRAINT shop_documents_total_check CHECK (total > 0),
    tax         bigint NOT NULL CONSTRAINT shop_documents_tax_check CHECK (tax >= 0),
    content     jsonb NOT NULL,
    -- Forgotten when it need not be kept any longer; nothing else of a document ever changes.
    recipient   jsonb,
    issued_at   timestamptz NOT NULL,
    CONSTRAINT shop_documents_credit_check
        CHECK ((kind = 'CREDIT_NOTE') = (invoice_id IS NOT NULL) AND (kind = 'CREDIT_NOTE') = (refund_id IS NOT NULL)),
    CONSTRAINT shop_documents_number_key UNIQUE (shop_id, kind, number)
);
CREATE UNIQUE INDEX shop_documents_one_invoice ON shop_documents (part_id) WHERE kind = 'INVOICE';
CREATE UNIQUE INDEX shop_documents_refund ON shop_documents (refund_id);
CREATE INDEX shop_documents_part ON shop_documents (part_id, number);
CREATE INDEX shop_documents_invoice ON shop_documents (invoice_id);
CREATE INDEX shop_documents_shop ON shop_documents (shop_id, issued_at, id);
CREATE INDEX shop_documents_shop_kind ON shop_documents (shop_id, kind, issued_at, id);

CREATE FUNCTION shop_documents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.recipient IS NOT NULL AND NEW.recipient IS NULL
       AND to_jsonb(NEW) - 'recipient' = to_jsonb(OLD) - 'recipient' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a document never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER shop_documents_stay BEFORE UPDATE OR DELETE ON shop_documents
    FOR EACH ROW EXECUTE FUNCTION shop_documents_stay();
