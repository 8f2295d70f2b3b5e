//! What must be true of payments and the ledger, and what sets it right.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    payments::model::AccountKind,
    platform::{
        checks::{Check, Difference, Remedy},
        db::Tx,
    },
    schema::accounts,
};

/// An account as people speak of it, of a row that has its columns.
macro_rules! account {
    () => {
        "format('%s of %s in %s', kind, CASE WHEN owner_id IS NULL THEN 'the market' \
            WHEN kind IN ('SHOP', 'PAYOUTS') THEN format('shop_%s', owner_id) ELSE format('order_%s', owner_id) END, currency)"
    };
}

/// The checks of this domain.
pub const CHECKS: &[Check] = &[BALANCES, WHOLE, PAYMENTS, CAPTURES, GRANTED, REFUNDS, FEES];

pub const BALANCES: Check = Check {
    what: "balances are the sums of transfers",
    differing: concat!(
        "SELECT id, ",
        account!(),
        " AS thing, coalesce(t.balance, 0)::text AS expected, accounts.balance::text AS found \
      FROM accounts \
      LEFT JOIN (SELECT account_id, sum(amount) AS balance \
                   FROM (SELECT credit_id AS account_id, amount FROM transfers \
                         UNION ALL SELECT debit_id, -amount FROM transfers) moved \
                  GROUP BY 1) t ON t.account_id = id \
     WHERE accounts.balance <> coalesce(t.balance, 0)"
    ),
    remedy: Remedy::Repair,
};

const WHOLE: Check = Check {
    what: "balances sum to nothing",
    differing: "SELECT format('all accounts in %s', currency) AS thing, '0' AS expected, sum(balance)::text AS found \
      FROM accounts GROUP BY currency HAVING sum(balance) <> 0",
    // Once each is the sum of its transfers.
    remedy: Remedy::Repair,
};

const PAYMENTS: Check = Check {
    what: "payments that succeeded have one transfer each, others none",
    differing: "SELECT format('payment_%s', i.id) AS thing, \
           CASE WHEN i.status = 'SUCCEEDED' THEN format('1 of %s', coalesce(i.captured, i.amount)) ELSE '0 of 0' END AS expected, \
           format('%s of %s', coalesce(t.count, 0), coalesce(t.amount, 0)) AS found \
      FROM payment_intents i \
      LEFT JOIN (SELECT cause_id, count(*) AS count, sum(amount) AS amount FROM transfers WHERE cause = 'PAYMENT' GROUP BY 1) t \
        ON t.cause_id = i.id \
     WHERE coalesce(t.count, 0) <> (i.status = 'SUCCEEDED')::int \
        OR coalesce(t.amount, 0) <> CASE WHEN i.status = 'SUCCEEDED' THEN coalesce(i.captured, i.amount) ELSE 0 END",
    remedy: Remedy::People,
};

/// What is being let go was given up, what is being taken is authorised still.
const CAPTURES: Check = Check {
    what: "of what was authorised so much is taken as was decided",
    differing: "SELECT format('payment_%s', i.id) AS thing, \
           CASE WHEN c.status = 'PROCESSING' AND c.amount = 0 THEN 'CANCELLED' \
                WHEN c.status = 'PROCESSING' THEN 'REQUIRES_CAPTURE' \
                WHEN c.status = 'FAILED' THEN 'anything else' \
                ELSE c.amount::text END AS expected, \
           format('%s with %s', i.status, taken) AS found \
      FROM captures c JOIN payment_intents i ON i.id = c.intent_id \
     CROSS JOIN LATERAL (SELECT CASE WHEN i.status = 'SUCCEEDED' THEN coalesce(i.captured, i.amount) ELSE 0 END AS taken) t \
     WHERE NOT CASE c.status \
                    WHEN 'PROCESSING' THEN i.status = CASE WHEN c.amount = 0 THEN 'CANCELLED' ELSE 'REQUIRES_CAPTURE' END \
                    WHEN 'SUCCEEDED' THEN taken = c.amount \
                    ELSE i.status <> 'REQUIRES_CAPTURE' END",
    remedy: Remedy::People,
};

const GRANTED: Check = Check {
    what: "what goes back of a payment is the sum of its refunds",
    differing: "SELECT format('payment_%s', i.id) AS thing, coalesce(r.amount, 0)::text AS expected, i.refunded::text AS found \
      FROM payment_intents i \
      LEFT JOIN (SELECT intent_id, sum(amount) AS amount FROM refunds GROUP BY 1) r ON r.intent_id = i.id \
     WHERE i.refunded <> coalesce(r.amount, 0)",
    remedy: Remedy::People,
};

const REFUNDS: Check = Check {
    what: "refunds that succeeded have left the provider once, others have not",
    differing: "SELECT format('refund_%s', r.id) AS thing, \
           CASE WHEN r.status = 'SUCCEEDED' THEN format('1 of %s', r.amount) ELSE '0 of 0' END AS expected, \
           format('%s of %s', coalesce(t.count, 0), coalesce(t.amount, 0)) AS found \
      FROM refunds r \
      LEFT JOIN (SELECT cause_id, count(*) AS count, sum(amount) AS amount \
                   FROM transfers JOIN accounts a ON a.id = credit_id \
                  WHERE cause = 'REFUND' AND a.kind = 'PROVIDER' GROUP BY 1) t ON t.cause_id = coalesce(r.booked_as, r.id) \
     WHERE coalesce(t.count, 0) <> (r.status = 'SUCCEEDED')::int \
        OR coalesce(t.amount, 0) <> CASE WHEN r.status = 'SUCCEEDED' THEN r.amount ELSE 0 END",
    remedy: Remedy::People,
};

const FEES: Check = Check {
    what: "what the provider keeps is booked once, as it told it",
    differing: "SELECT CASE WHEN f.id IS NULL THEN format('a fee of cause %s', t.cause_id) ELSE format('payment_%s', f.intent_id) END AS thing, \
           format('%s %s', coalesce(f.amount, 0), f.currency) AS expected, format('%s %s', coalesce(t.amount, 0), t.currency) AS found \
      FROM provider_fees f \
      FULL JOIN (SELECT t.cause_id, t.currency, sum(CASE WHEN a.id = t.credit_id THEN t.amount ELSE -t.amount END) AS amount \
                   FROM transfers t JOIN accounts a ON a.kind = 'PROVIDER' AND a.id IN (t.credit_id, t.debit_id) \
                  WHERE t.cause = 'PROVIDER_FEE' GROUP BY 1, 2) t ON t.cause_id = f.id AND t.currency = f.currency \
     WHERE coalesce(f.amount, 0) <> coalesce(t.amount, 0)",
    remedy: Remedy::People,
};

/// Locks accounts in the order of their ids, the provider's before the others, as whoever moves them does.
pub fn lock(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<(), Failure> {
    let rows = accounts::table.filter(accounts::id.eq_any(ids)).select(accounts::id);
    let rows = rows.order((accounts::kind.ne(AccountKind::Provider), accounts::id));
    rows.for_no_key_update().load::<Uuid>(tx.conn())?;
    Ok(())
}

/// Has the balances of locked accounts be the sums of their transfers. Tells which were not.
pub fn reckon_balances(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let query = sql_query(concat!(
        "UPDATE accounts SET balance = t.balance \
           FROM (SELECT a.id, a.balance AS was, \
                        (coalesce((SELECT sum(amount) FROM transfers WHERE credit_id = a.id), 0) \
                       - coalesce((SELECT sum(amount) FROM transfers WHERE debit_id = a.id), 0))::bigint AS balance \
                   FROM accounts a WHERE a.id = ANY($1)) t \
          WHERE accounts.id = t.id AND accounts.balance <> t.balance \
      RETURNING ",
        account!(),
        " AS thing, t.balance::text AS expected, t.was::text AS found"
    ));
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(tx.conn())?)
}
