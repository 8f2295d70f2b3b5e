//! What must be true of documents.

use crate::platform::checks::{Check, Remedy};

/// The checks of this domain. That each sale has its document is a check of `orders`.
pub const CHECKS: &[Check] = &[NUMBERS, CREDITED];

const NUMBERS: Check = Check {
    what: "invoices and credit notes of each shop are numbered without gaps",
    differing: "SELECT format('%s of shop_%s', kind, shop_id) AS thing, \
           format('%s up to number %s', coalesce(s.last_number, 0), coalesce(s.last_number, 0)) AS expected, \
           format('%s up to number %s', coalesce(d.count, 0), coalesce(d.last_number, 0)) AS found \
      FROM shop_document_series s \
      FULL JOIN (SELECT shop_id, kind, count(*) AS count, max(number) AS last_number FROM shop_documents GROUP BY 1, 2) d \
        USING (shop_id, kind) \
     WHERE s.last_number IS DISTINCT FROM d.count OR s.last_number IS DISTINCT FROM d.last_number",
    remedy: Remedy::People,
};

/// Of all invoices about a part together: what goes back is of the oldest first.
const CREDITED: Check = Check {
    what: "no more is credited than was invoiced, and all of its tax with the last of it",
    differing: "SELECT format('invoice_%s', i.id) AS thing, \
           format('%s with a tax of %s at the most', i.total, i.tax) AS expected, \
           format('%s with a tax of %s', c.total, c.tax) AS found \
      FROM (SELECT part_id, (array_agg(id ORDER BY number))[1] AS id, sum(total) AS total, sum(tax) AS tax \
              FROM shop_documents WHERE kind = 'INVOICE' GROUP BY 1) i \
      JOIN (SELECT part_id, sum(total) AS total, sum(tax) AS tax FROM shop_documents WHERE kind = 'CREDIT_NOTE' GROUP BY 1) c \
        USING (part_id) \
     WHERE c.total > i.total OR c.tax > i.tax OR (c.total = i.total AND c.tax <> i.tax)",
    remedy: Remedy::People,
};
