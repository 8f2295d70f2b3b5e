//! What moved on a shop's account in a month, on the wire.

use async_graphql::SimpleObject;

use crate::{
    kernel::{date::Date, money},
    payments::model::TransferCause,
    payouts::model,
    platform::gql::{Money, list_size},
};

/// What moved on a shop's account in a month: `opening`, with the amounts of all `sums`, less `paidOut`, is `closing`.
#[derive(SimpleObject)]
pub struct ShopStatement {
    /// Its first day.
    from: Date,
    /// Its last day.
    until: Date,
    /// The balance when it began.
    opening: Money,
    /// What was earned and what was taken back, a sum for each reason for which anything moved; at most 20.
    #[graphql(directive = list_size::apply(6))]
    sums: Vec<StatementSum>,
    /// What was paid out, less what came back of payouts that failed.
    paid_out: Money,
    /// The balance when it ended; of a month that goes on, the balance now.
    closing: Money,
}

/// What moved for one reason.
#[derive(SimpleObject)]
pub struct StatementSum {
    /// Why.
    reason: TransferCause,
    /// How much came, or left if it is negative.
    amount: Money,
    /// In how many entries.
    entries: i32,
}

impl From<model::Statement> for ShopStatement {
    fn from(statement: model::Statement) -> Self {
        let money = |minor| money::Money::new(minor, statement.currency).into();
        let sums = statement.earned().map(|entries| StatementSum {
            reason: entries.cause,
            amount: money(entries.amount),
            entries: i32::try_from(entries.count).unwrap_or(i32::MAX),
        });
        Self {
            from: statement.month.first,
            until: statement.month.last,
            opening: money(statement.opening),
            sums: sums.collect(),
            paid_out: money(statement.paid_out()),
            closing: money(statement.closing()),
        }
    }
}
