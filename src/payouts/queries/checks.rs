//! What must be true of payouts.

use crate::platform::checks::{Check, Remedy};

/// The checks of this domain. Nothing says better than a provider whether money has left: people ask it.
pub const CHECKS: &[Check] = &[LEFT, ACCOUNTS];

/// By whose account was debited, too, and in which currency: a payout of one shop must not leave another's.
const LEFT: Check = Check {
    what: "payouts have left the accounts of their shops once, and those that failed have come back once",
    differing: "SELECT format('payout_%s', coalesce(p.id, t.cause_id)) AS thing, \
           format('%s out, %s back', coalesce(p.went, 0), coalesce(p.came, 0)) AS expected, \
           format('%s out, %s back', coalesce(t.went, 0), coalesce(t.came, 0)) AS found \
      FROM (SELECT id, shop_id, currency, amount AS went, CASE WHEN status = 'FAILED' THEN amount ELSE 0 END AS came \
              FROM payouts) p \
      FULL JOIN (SELECT t.cause_id, a.owner_id AS shop_id, t.currency, \
                        coalesce(sum(t.amount) FILTER (WHERE t.cause = 'PAYOUT'), 0) AS went, \
                        coalesce(sum(t.amount) FILTER (WHERE t.cause = 'PAYOUT_RETURNED'), 0) AS came \
                   FROM transfers t \
                   JOIN accounts a ON a.id = CASE t.cause WHEN 'PAYOUT' THEN t.debit_id ELSE t.credit_id END \
                  WHERE t.cause IN ('PAYOUT', 'PAYOUT_RETURNED') GROUP BY 1, 2, 3) t \
             ON t.cause_id = p.id AND t.shop_id = p.shop_id AND t.currency = p.currency \
     WHERE coalesce(p.went, 0) <> coalesce(t.went, 0) OR coalesce(p.came, 0) <> coalesce(t.came, 0)",
    remedy: Remedy::People,
};

const ACCOUNTS: Check = Check {
    what: "what has left for each shop is the sum of its payouts that did not fail",
    differing: "SELECT format('PAYOUTS of shop_%s in %s', shop_id, currency) AS thing, \
           coalesce(p.amount, 0)::text AS expected, coalesce(a.balance, 0)::text AS found \
      FROM (SELECT shop_id, currency, sum(amount) AS amount FROM payouts WHERE status <> 'FAILED' GROUP BY 1, 2) p \
      FULL JOIN (SELECT owner_id AS shop_id, currency, balance FROM accounts WHERE kind = 'PAYOUTS') a USING (shop_id, currency) \
     WHERE coalesce(p.amount, 0) <> coalesce(a.balance, 0)",
    remedy: Remedy::People,
};
