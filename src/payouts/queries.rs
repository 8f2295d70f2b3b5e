//! Payouts in Postgres.

mod accounts;
pub mod checks;
mod standing;

pub use self::{accounts::*, standing::*};

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Timestamptz, Uuid as SqlUuid},
};

use super::model::{Payout, PayoutKey, PayoutStatus};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    newest_first,
    payments::model::PayoutFailureReason,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{payouts, shop_members},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = payouts)]
pub struct NewPayout<'a> {
    pub id: Id<Payout>,
    pub shop_id: Id<Shop>,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub status: PayoutStatus,
    pub provider: &'a str,
    pub destination: &'a str,
    pub created_at: Time,
    pub updated_at: Time,
}

/// None if the shop had one today in the currency.
pub fn insert(tx: &mut Tx<'_>, payout: &NewPayout<'_>) -> Result<Option<Payout>, Failure> {
    Ok(diesel::insert_into(payouts::table)
        .values(payout)
        .on_conflict_do_nothing()
        .returning(Payout::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

pub fn by_id(conn: &mut Conn, id: Id<Payout>) -> Result<Option<Payout>, Failure> {
    Ok(payouts::table.find(id).select(Payout::as_select()).first(conn).optional()?)
}

/// The newest payouts of all shops, the newest first. Their ids sort by time.
pub fn newest_of_all(conn: &mut Conn, limit: i64) -> Result<Vec<Payout>, Failure> {
    Ok(payouts::table.order(payouts::id.desc()).limit(limit).select(Payout::as_select()).load(conn)?)
}

/// Payouts as they stand, in no order.
pub fn standing_of(conn: &mut Conn, ids: &[Id<Payout>]) -> Result<Vec<Payout>, Failure> {
    Ok(payouts::table.filter(payouts::id.eq_any(ids)).select(Payout::as_select()).load(conn)?)
}

/// Notes that a payout was sent.
pub fn set_paid(tx: &mut Tx<'_>, id: Id<Payout>, reference: &str) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(payouts::table.find(id))
        .set((
            payouts::status.eq(PayoutStatus::Paid),
            payouts::reference.eq(Some(reference)),
            payouts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that a payout has failed for good.
pub fn set_failed(tx: &mut Tx<'_>, id: Id<Payout>, failure: PayoutFailureReason) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(payouts::table.find(id))
        .set((
            payouts::status.eq(PayoutStatus::Failed),
            payouts::failure.eq(Some(failure)),
            payouts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that a provider is asked for an attempt from now on.
pub fn set_asked(tx: &mut Tx<'_>, id: Id<Payout>) -> Result<Payout, Failure> {
    let now = tx.now();
    Ok(diesel::update(payouts::table.find(id))
        .set((payouts::asked_at.eq(Some(now)), payouts::updated_at.eq(now)))
        .returning(Payout::as_returning())
        .get_result(tx.conn())?)
}

/// Begins a payout again that has failed so often, under another key. Nothing can have been sent by that yet.
pub fn begin_again(tx: &mut Tx<'_>, id: Id<Payout>, failures: i32) -> Result<Payout, Failure> {
    let now = tx.now();
    Ok(diesel::update(payouts::table.find(id))
        .set((
            payouts::attempt.eq(payouts::attempt + 1),
            payouts::failures.eq(failures),
            payouts::asked_at.eq(None::<Time>),
            payouts::updated_at.eq(now),
        ))
        .returning(Payout::as_returning())
        .get_result(tx.conn())?)
}

/// Takes payouts by a provider that nothing has become of since a moment, those that have waited longest first. The next time it is the
/// turn of others.
pub fn take_silent(tx: &mut Tx<'_>, provider: &str, moment: Time, limit: i64) -> Result<Vec<Payout>, Failure> {
    let silent = payouts::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("status = 'PENDING'"))
        .filter(payouts::provider.eq(provider))
        .filter(payouts::updated_at.le(moment))
        .order((payouts::updated_at, payouts::id))
        .limit(limit);
    let silent: Vec<Id<Payout>> = silent.select(payouts::id).load(tx.conn())?;
    let now = tx.now();
    Ok(diesel::update(payouts::table.filter(payouts::id.eq_any(silent)))
        .set(payouts::updated_at.eq(now))
        .returning(Payout::as_returning())
        .get_results(tx.conn())?)
}

/// Payouts of shops for which somebody works, and what they do there.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<Payout>]) -> Result<Vec<(Payout, ShopRole)>, Failure> {
    Ok(payouts::table
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(payouts::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(payouts::id.eq_any(ids))
        .select((Payout::as_select(), shop_members::role))
        .load(conn)?)
}

/// A page of a shop's payouts, newest first.
pub fn of_shop(conn: &mut Conn, shop: Id<Shop>, page: &Page<PayoutKey>) -> Result<Slice<Payout>, Failure> {
    let own = payouts::table.filter(payouts::shop_id.eq(shop)).select(Payout::as_select()).into_boxed();
    let own = newest_first!(own, page, (payouts::created_at, payouts::id): (Timestamptz, SqlUuid));
    Ok(page.slice(own.load::<Payout>(conn)?))
}

/// How many there are, counted to `limit`.
pub fn count_of_shop(conn: &mut Conn, shop: Id<Shop>, limit: i64) -> Result<i64, Failure> {
    let own = payouts::table.filter(payouts::shop_id.eq(shop)).select(payouts::id).limit(limit);
    Ok(Counted(own).get_result(conn)?)
}

/// When a shop had its newest payout in a currency.
pub fn newest(conn: &mut Conn, shop: Id<Shop>, currency: CurrencyCode) -> Result<Option<Time>, Failure> {
    let own = payouts::table.filter(payouts::shop_id.eq(shop)).filter(payouts::currency.eq(currency));
    let own = own.order((payouts::created_at.desc(), payouts::id.desc())).select(payouts::created_at);
    Ok(own.first(conn).optional()?)
}
