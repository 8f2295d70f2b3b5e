//! What of the balances of shops may leave, and what moved on them.

use diesel::{
    OptionalExtension, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    payments::model::TransferCause,
    payouts::model::{Month, PayoutAccount, Standing},
    platform::{clock::Time, db::Conn},
    shops::model::Shop,
    users::model::User,
};

/// What a part has brought its shop is what moved for it, for what was added to it, and for what went back of it or was taken back by banks.
/// A part that has brought less than nothing makes up for no other one. Of what was not sent, all of it, or but lately, nobody can say yet
/// whether there is anything to complain of: that something was sent is its shop's word.
const STANDING: &str = "WITH account AS (SELECT id, balance FROM accounts WHERE kind = 'SHOP' AND owner_id = $1 AND currency = $2), \
    held AS (SELECT t.part_id FROM account a JOIN transfers t ON t.credit_id = a.id \
              WHERE t.created_at > $3 AND t.cause = 'SALE' \
             UNION SELECT p.id FROM order_parts p JOIN orders o ON o.id = p.order_id AND o.status = 'OPEN' \
              WHERE p.shop_id = $1 AND p.fulfillment_state IN ('UNFULFILLED', 'PACKED', 'PARTIALLY_SHIPPED') \
             UNION SELECT s.part_id FROM order_parts p JOIN shipments s ON s.part_id = p.id \
              WHERE p.shop_id = $1 AND s.shipped_at > $3 \
             UNION SELECT part_id FROM claims WHERE shop_id = $1 AND status IN ('OPEN', 'ANSWERED', 'ESCALATED') \
             UNION SELECT part_id FROM returns WHERE shop_id = $1 AND status IN ('REQUESTED', 'APPROVED') \
             UNION SELECT p.id FROM payment_disputes d JOIN order_parts p ON p.order_id = d.order_id AND p.shop_id = $1 \
              WHERE d.status IN ('NEEDS_RESPONSE', 'UNDER_REVIEW')), \
    brought AS (SELECT b.amount FROM account a CROSS JOIN held h \
                 CROSS JOIN LATERAL (SELECT sum(e.amount) AS amount FROM part_entries e \
                                      WHERE e.part_id = h.part_id AND e.account_id = a.id) b) \
    SELECT balance, coalesce((SELECT sum(greatest(amount, 0)) FROM brought), 0)::bigint AS held FROM account";

/// How a shop stands in a currency, if what was sold or sent after a moment is held; none if it never sold anything in it.
pub fn standing(
    conn: &mut Conn,
    shop: Id<Shop>,
    currency: CurrencyCode,
    since: Time,
) -> Result<Option<Standing>, Failure> {
    let query = sql_query(STANDING).bind::<SqlUuid, _>(shop).bind::<Text, _>(currency).bind::<Timestamptz, _>(since);
    Ok(query.get_result(conn).optional()?)
}

/// An account in the ledger of which something may be payable.
#[derive(Debug, Clone, QueryableByName)]
pub struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub shop_id: Id<Shop>,
    #[diesel(sql_type = Text)]
    pub currency: CurrencyCode,
}

/// Accounts of shops to which a provider can send something, for an owner has said where to, and of which nothing was paid out on the day
/// of `now`, in the order of their ids, unless it was named lately, or a shop of that owner's owes the market something: not one that others
/// have made them an owner of, unasked. Nothing is payable of an account to which all has come after `since`.
pub fn candidates(
    conn: &mut Conn,
    provider: &str,
    after: Uuid,
    (now, since): (Time, Time),
    limit: i64,
) -> Result<Vec<Candidate>, Failure> {
    let query = sql_query(
        "SELECT a.id, p.shop_id, a.currency FROM payout_accounts p \
           JOIN shop_members m ON m.shop_id = p.shop_id AND m.user_id = p.set_by AND m.role = 'OWNER' \
           JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = p.shop_id AND a.balance > 0 \
          WHERE p.status = 'ENABLED' AND p.provider = $1 AND a.id > $2 AND (p.named_at IS NULL OR p.named_at <= $6) \
            AND NOT EXISTS (SELECT 1 FROM shop_members s JOIN accounts d ON d.kind = 'SHOP' AND d.owner_id = s.shop_id AND d.balance < 0 \
                             WHERE s.user_id = p.set_by AND s.role = 'OWNER' AND s.is_accepted) \
            AND NOT EXISTS (SELECT 1 FROM payouts o WHERE o.shop_id = p.shop_id AND o.currency = a.currency \
                               AND (o.created_at AT TIME ZONE 'UTC')::date = ($3 AT TIME ZONE 'UTC')::date) \
            AND EXISTS (SELECT 1 FROM transfers t WHERE t.credit_id = a.id AND t.created_at <= $4) \
          ORDER BY a.id LIMIT $5",
    );
    let query = query.bind::<Text, _>(provider).bind::<SqlUuid, _>(after);
    let query = query.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(since);
    let query = query.bind::<BigInt, _>(limit).bind::<Timestamptz, _>(now - PayoutAccount::REST);
    Ok(query.load(conn)?)
}

#[derive(QueryableByName)]
struct Owing {
    #[diesel(sql_type = Bool)]
    is_owing: bool,
}

/// Whether any shop that somebody has accepted to own owes the market something, in whatever currency.
pub fn is_owing(conn: &mut Conn, owner: Id<User>) -> Result<bool, Failure> {
    let query = sql_query(
        "SELECT EXISTS (SELECT 1 FROM shop_members m JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = m.shop_id AND a.balance < 0 \
                         WHERE m.user_id = $1 AND m.role = 'OWNER' AND m.is_accepted) AS is_owing",
    );
    let found: Owing = query.bind::<SqlUuid, _>(owner).get_result(conn)?;
    Ok(found.is_owing)
}

/// What moved for a reason; without one, the balance at the beginning.
#[derive(Debug, Clone, QueryableByName)]
pub struct MovedInMonth {
    #[diesel(sql_type = Nullable<Text>)]
    pub cause: Option<TransferCause>,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// What moved on a shop's account in a month, by its reason, and the balance with which it began: that of now, less what has moved since.
pub fn moved_in(
    conn: &mut Conn,
    shop: Id<Shop>,
    currency: CurrencyCode,
    month: &Month,
) -> Result<Vec<MovedInMonth>, Failure> {
    let query = sql_query(
        "WITH account AS (SELECT id, balance FROM accounts WHERE kind = 'SHOP' AND owner_id = $1 AND currency = $2), \
         moved AS (SELECT t.cause, t.amount, t.created_at FROM account a JOIN transfers t ON t.credit_id = a.id WHERE t.created_at >= $3 \
                   UNION ALL \
                   SELECT t.cause, -t.amount, t.created_at FROM account a JOIN transfers t ON t.debit_id = a.id WHERE t.created_at >= $3) \
         SELECT NULL::text AS cause, (balance - coalesce((SELECT sum(amount) FROM moved), 0))::bigint AS amount, 0::bigint AS count \
           FROM account \
         UNION ALL \
         SELECT cause, sum(amount)::bigint, count(*) FROM moved WHERE created_at < $4 GROUP BY cause \
          ORDER BY cause NULLS FIRST",
    );
    let query = query.bind::<SqlUuid, _>(shop).bind::<Text, _>(currency);
    Ok(query.bind::<Timestamptz, _>(month.start).bind::<Timestamptz, _>(month.end).load(conn)?)
}
