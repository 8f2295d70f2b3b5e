//! Ways to pay that people keep, and what their providers know them by, in Postgres.

use diesel::{ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id},
    payments::model::{Customer, StoredMethod},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{payment_customers, payment_methods},
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = payment_customers)]
pub struct NewCustomer<'a> {
    pub id: Id<Customer>,
    pub user_id: Id<User>,
    pub provider: &'a str,
    pub reference: &'a str,
    pub created_at: Time,
}

pub fn insert_customer(tx: &mut Tx<'_>, customer: &NewCustomer<'_>) -> Result<(), Failure> {
    diesel::insert_into(payment_customers::table).values(customer).execute(tx.conn())?;
    Ok(())
}

/// What a provider knows somebody as.
pub fn customer_of(conn: &mut Conn, person: Id<User>, provider: &str) -> Result<Option<Customer>, Failure> {
    Ok(payment_customers::table
        .filter(payment_customers::user_id.eq(person))
        .filter(payment_customers::provider.eq(provider))
        .select(Customer::as_select())
        .first(conn)
        .optional()?)
}

pub fn customer(conn: &mut Conn, id: Id<Customer>) -> Result<Option<Customer>, Failure> {
    Ok(payment_customers::table.find(id).select(Customer::as_select()).first(conn).optional()?)
}

/// Locks whom a provider knows by a name.
pub fn lock_customer(tx: &mut Tx<'_>, provider: &str, reference: &str) -> Result<Option<Customer>, Failure> {
    Ok(payment_customers::table
        .filter(payment_customers::provider.eq(provider))
        .filter(payment_customers::reference.eq(reference))
        .select(Customer::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Writes down by what other name a provider knows somebody. What it kept under the one before it keeps no longer.
pub fn set_reference(tx: &mut Tx<'_>, id: Id<Customer>, reference: &str) -> Result<(), Failure> {
    delete_of(tx, id)?;
    diesel::update(payment_customers::table.find(id))
        .set(payment_customers::reference.eq(reference))
        .execute(tx.conn())?;
    Ok(())
}

/// Deletes what is known of the methods of one whom a provider knows.
pub fn delete_of(tx: &mut Tx<'_>, id: Id<Customer>) -> Result<(), Failure> {
    diesel::delete(payment_methods::table.filter(payment_methods::customer_id.eq(id))).execute(tx.conn())?;
    Ok(())
}

/// Notes that those as whom providers know somebody are nobody any more. Returns them.
pub fn forget_person(tx: &mut Tx<'_>, person: Id<User>) -> Result<Vec<Id<Customer>>, Failure> {
    Ok(diesel::update(payment_customers::table.filter(payment_customers::user_id.eq(person)))
        .set(payment_customers::user_id.eq(None::<Id<User>>))
        .returning(payment_customers::id)
        .get_results(tx.conn())?)
}

pub fn delete_customer(tx: &mut Tx<'_>, id: Id<Customer>) -> Result<(), Failure> {
    diesel::delete(payment_customers::table.find(id)).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = payment_methods)]
pub struct NewStoredMethod<'a> {
    pub id: Id<StoredMethod>,
    pub customer_id: Id<Customer>,
    pub reference: &'a str,
    pub brand: Option<&'a str>,
    pub last4: Option<&'a str>,
    pub expiry_month: Option<i16>,
    pub expiry_year: Option<i16>,
    pub created_at: Time,
    pub removed_at: Option<Time>,
}

pub fn insert(tx: &mut Tx<'_>, method: &NewStoredMethod<'_>) -> Result<(), Failure> {
    diesel::insert_into(payment_methods::table).values(method).execute(tx.conn())?;
    Ok(())
}

/// Whether a provider's name stands for a method of theirs, be it one that is about to be let go.
pub fn is_known(conn: &mut Conn, customer: Id<Customer>, reference: &str) -> Result<bool, Failure> {
    let same = payment_methods::table
        .filter(payment_methods::customer_id.eq(customer))
        .filter(payment_methods::reference.eq(reference));
    Ok(diesel::select(diesel::dsl::exists(same)).get_result(conn)?)
}

/// How many methods one keeps whom a provider knows.
pub fn count(conn: &mut Conn, customer: Id<Customer>) -> Result<i64, Failure> {
    let kept = payment_methods::table
        .filter(payment_methods::customer_id.eq(customer))
        .filter(payment_methods::removed_at.is_null());
    Ok(kept.count().get_result(conn)?)
}

/// The methods that somebody keeps with a provider, the newest first.
pub fn of_person(conn: &mut Conn, person: Id<User>, provider: &str) -> Result<Vec<StoredMethod>, Failure> {
    Ok(payment_methods::table
        .inner_join(payment_customers::table.on(payment_customers::id.eq(payment_methods::customer_id)))
        .filter(payment_customers::user_id.eq(person))
        .filter(payment_customers::provider.eq(provider))
        .filter(payment_methods::removed_at.is_null())
        .order((payment_methods::created_at.desc(), payment_methods::id.desc()))
        .limit(StoredMethod::MAXIMUM)
        .select(StoredMethod::as_select())
        .load(conn)?)
}

/// All methods that somebody keeps, with which provider soever.
pub fn all_of_person(conn: &mut Conn, person: Id<User>) -> Result<Vec<(StoredMethod, String)>, Failure> {
    Ok(payment_methods::table
        .inner_join(payment_customers::table.on(payment_customers::id.eq(payment_methods::customer_id)))
        .filter(payment_customers::user_id.eq(person))
        .filter(payment_methods::removed_at.is_null())
        .order((payment_methods::created_at, payment_methods::id))
        .select((StoredMethod::as_select(), payment_customers::provider))
        .load(conn)?)
}

/// Some methods that somebody keeps.
pub fn by_ids(conn: &mut Conn, person: Id<User>, ids: &[Id<StoredMethod>]) -> Result<Vec<StoredMethod>, Failure> {
    Ok(payment_methods::table
        .inner_join(payment_customers::table.on(payment_customers::id.eq(payment_methods::customer_id)))
        .filter(payment_customers::user_id.eq(person))
        .filter(payment_methods::id.eq_any(ids))
        .filter(payment_methods::removed_at.is_null())
        .select(StoredMethod::as_select())
        .load(conn)?)
}

/// A method that somebody keeps with a provider, and by what name that knows them.
pub fn kept(
    conn: &mut Conn,
    person: Id<User>,
    provider: &str,
    id: Id<StoredMethod>,
) -> Result<Option<(StoredMethod, String)>, Failure> {
    Ok(payment_methods::table
        .inner_join(payment_customers::table.on(payment_customers::id.eq(payment_methods::customer_id)))
        .filter(payment_customers::user_id.eq(person))
        .filter(payment_customers::provider.eq(provider))
        .filter(payment_methods::id.eq(id))
        .filter(payment_methods::removed_at.is_null())
        .select((StoredMethod::as_select(), payment_customers::reference))
        .first(conn)
        .optional()?)
}

/// Locks a method of somebody's, be it one that they removed before.
pub fn lock_own(tx: &mut Tx<'_>, person: Id<User>, id: Id<StoredMethod>) -> Result<Option<StoredMethod>, Failure> {
    let own = payment_customers::table.filter(payment_customers::user_id.eq(person)).select(payment_customers::id);
    Ok(payment_methods::table
        .filter(payment_methods::id.eq(id))
        .filter(payment_methods::customer_id.eq_any(own))
        .select(StoredMethod::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Notes that a method is not wanted any more, and forgets how it looks.
pub fn set_removed(tx: &mut Tx<'_>, id: Id<StoredMethod>) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(payment_methods::table.find(id))
        .set((
            payment_methods::removed_at.eq(Some(now)),
            payment_methods::brand.eq(None::<String>),
            payment_methods::last4.eq(None::<String>),
            payment_methods::expiry_month.eq(None::<i16>),
            payment_methods::expiry_year.eq(None::<i16>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A method that was removed, and its provider, if that has not let it go yet.
pub fn to_let_go(conn: &mut Conn, id: Id<StoredMethod>) -> Result<Option<(String, Option<String>)>, Failure> {
    Ok(payment_methods::table
        .inner_join(payment_customers::table.on(payment_customers::id.eq(payment_methods::customer_id)))
        .filter(payment_methods::id.eq(id))
        .filter(payment_methods::removed_at.is_not_null())
        .filter(payment_methods::reference.is_not_null())
        .select((payment_customers::provider, payment_methods::reference))
        .first(conn)
        .optional()?)
}

/// Notes that the provider has let a method go.
pub fn set_let_go(tx: &mut Tx<'_>, id: Id<StoredMethod>) -> Result<(), Failure> {
    diesel::update(payment_methods::table.find(id))
        .set(payment_methods::reference.eq(None::<String>))
        .execute(tx.conn())?;
    Ok(())
}
