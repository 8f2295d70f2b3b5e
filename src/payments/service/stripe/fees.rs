//! What Stripe keeps, by the entries of the market's balance there. They are asked for by themselves: whoever may take money need not be allowed
//! to read them.

use super::{
    amounts,
    api::{Api, Reply},
    intents::name_of,
    objects::{BalanceEntry, Booked, is_name},
};
use crate::{
    kernel::money::CurrencyCode,
    payments::{
        model::{Fee, PaymentIntent},
        service::provider::NoAnswer,
    },
    platform::app::App,
};

/// What Stripe keeps of what it took; none as long as that is in no balance.
pub async fn fee(app: &App, intent: &PaymentIntent) -> Result<Option<Fee>, NoAnswer> {
    let Some(name) = name_of(intent) else { return Ok(None) };
    let path = format!("payment_intents/{name}?expand%5B%5D=latest_charge.balance_transaction");
    match Api::of(app)?.get::<Booked>(&path).await? {
        Reply::Done(booked) => booked.entry().map(told).transpose(),
        Reply::Refused(_) => Err(NoAnswer),
    }
}

/// What is kept by an entry of the balance. It is in the balance's currency.
pub(super) fn told(entry: &BalanceEntry) -> Result<Fee, NoAnswer> {
    let currency: Option<CurrencyCode> = entry.currency.to_ascii_uppercase().parse().ok();
    let amount = currency.and_then(|currency| amounts::from_stripe(entry.fee, currency));
    let Some(amount) = amount.filter(|_| is_name(&entry.id)) else {
        tracing::error!("Stripe tells of a fee that nobody can book");
        return Err(NoAnswer);
    };
    Ok(Fee { reference: entry.id.clone(), amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<Result<(String, String), NoAnswer>> {
        let booked: Booked = serde_json::from_str(json).unwrap();
        booked.entry().map(|entry| told(entry).map(|fee| (fee.reference, fee.amount.to_string())))
    }

    #[test]
    fn a_fee_is_told_in_the_currency_of_the_balance_or_not_yet() {
        let entry = |id: &str, fee: i64, currency: &str| {
            format!(
                r#"{{"latest_charge": {{"id": "ch_1", "balance_transaction":
                     {{"id": "{id}", "object": "balance_transaction", "fee": {fee}, "currency": "{currency}"}}}}}}"#
            )
        };
        assert_eq!(of(&entry("txn_1", 32, "gbp")), Some(Ok(("txn_1".into(), "0.32 GBP".into()))));
        assert_eq!(of(&entry("txn_1", 200, "isk")), Some(Ok(("txn_1".into(), "2 ISK".into()))));
        for odd in [entry("txn_1", 250, "isk"), entry("txn/1", 32, "gbp"), entry("txn_1", 32, "x")] {
            assert_eq!(of(&odd), Some(Err(NoAnswer)), "{odd}");
        }
        for open in [r#"{"latest_charge": null}"#, r#"{"latest_charge": {"id": "ch_1", "balance_transaction": null}}"#]
        {
            assert_eq!(of(open), None, "{open}");
        }
    }
}
