//! Where each penny of an order comes from, and where it goes, on the wire.

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::{OrderLine, OrderPart, Refund};
use crate::{
    kernel::{
        id::Id,
        money::{self, CurrencyCode},
        place::Language,
        rate::Rate,
    },
    orders::{
        loaders::{
            BooksByPart, FeesByOrder, PartById, PartsByOrder, PaymentById, PaymentsByOrder, RefundById, RefundsByOrder,
        },
        model::{
            self, Books, Explained, ExplanationStep, FullPart, explain_books, explain_costs, explain_fees,
            explain_payments, explain_payouts,
        },
    },
    payments::{self, graphql::Payment, model::PaymentIntent},
    platform::gql::{Ask, Money, WireResult},
    users::loaders::PreferredLocale,
};

/// An entry of what explains an order's money. Entries of the steps that belong together add up to what the order says: see
/// `OrderExplanationStep`.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderExplanation {
    /// What it is about.
    step: ExplanationStep,
    /// How much; below zero if it is less by it.
    amount: Money,
    /// For people, in the language of the request.
    text: String,
    #[graphql(skip)]
    part: Option<Id<model::OrderPart>>,
    #[graphql(skip)]
    line: Option<(model::OrderLine, CurrencyCode)>,
    #[graphql(skip)]
    payment: Option<Id<PaymentIntent>>,
    #[graphql(skip)]
    refund: Option<Id<payments::model::Refund>>,
}

#[ComplexObject]
impl OrderExplanation {
    /// The part that it is about; null if it is about the order as a whole.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        let Some(part) = self.part else { return Ok(None) };
        Ok(ctx.loader().load_one(PartById(part)).await?.map(Into::into))
    }

    /// The line that it is about; null if it is about more.
    async fn order_line(&self) -> Option<OrderLine> {
        let (line, currency) = self.line.clone()?;
        Some(OrderLine::new(line, currency))
    }

    /// The payment that brought the money, or by which it goes back; null if it is about neither, and for members of the shop.
    async fn payment(&self, ctx: &Context<'_>) -> WireResult<Option<Payment>> {
        let Some(payment) = self.payment else { return Ok(None) };
        Ok(ctx.loader().load_one(PaymentById(payment)).await?.map(Into::into))
    }

    /// The refund that it is about; null if it is about none.
    async fn refund(&self, ctx: &Context<'_>) -> WireResult<Option<Refund>> {
        let Some(refund) = self.refund else { return Ok(None) };
        Ok(ctx.loader().load_one(RefundById(refund)).await?.map(Into::into))
    }
}

impl OrderExplanation {
    fn new(entry: Explained, currency: CurrencyCode, language: Language) -> Self {
        let text = text(&entry, currency, language);
        let Explained { step, amount, currency: own, part, line, payment, refund, .. } = entry;
        let amount = money::Money::new(amount, own.unwrap_or(currency)).into();
        Self { step, amount, text, part, line: line.map(|line| (line, currency)), payment, refund }
    }
}

/// All that the caller may see of an order's money.
pub(super) async fn of_order(ctx: &Context<'_>, order: Id<model::Order>) -> WireResult<Vec<OrderExplanation>> {
    let parts = ctx.loader().load_one(PartsByOrder(order)).await?.unwrap_or_default();
    let Some(first) = parts.first() else { return Ok(Vec::new()) };
    let (paid, currency) = (first.order.paid, first.order.order.currency);
    let payments = ctx.loader().load_one(PaymentsByOrder(order)).await?.unwrap_or_default();
    let refunds = ctx.loader().load_one(RefundsByOrder(order)).await?.unwrap_or_default();
    let keys: Vec<BooksByPart> = parts.iter().map(|part| BooksByPart(part.part.id)).collect();
    let mut books = ctx.loader().load_many(keys).await?;
    let mut entries: Vec<Explained> = parts.iter().flat_map(costs).collect();
    entries.extend(explain_payments(paid, &payments, &refunds));
    entries.extend(explain_fees(&ctx.loader().load_one(FeesByOrder(order)).await?.unwrap_or_default()));
    let known = parts.iter().filter_map(|part| Some((part.part.id, books.remove(&BooksByPart(part.part.id))?)));
    entries.extend(known.flat_map(|(part, books)| of_books(part, &books)));
    tell(ctx, entries, currency).await
}

/// What a part costs, and what its shop has of it; none for who may not see that.
pub(super) async fn of_part(
    ctx: &Context<'_>,
    part: Id<model::OrderPart>,
) -> WireResult<Option<Vec<OrderExplanation>>> {
    let Some(books) = ctx.loader().load_one(BooksByPart(part)).await? else { return Ok(None) };
    let Some(part) = ctx.loader().load_one(PartById(part)).await? else { return Ok(None) };
    let mut entries = costs(&part);
    entries.extend(of_books(part.part.id, &books));
    tell(ctx, entries, part.order.order.currency).await.map(Some)
}

/// What became of a part's money on the account of its shop, and what of it has left from there.
fn of_books(part: Id<model::OrderPart>, books: &Books) -> Vec<Explained> {
    let mut entries = explain_books(&books.moved);
    if let Some(search) = &books.search {
        entries.extend(explain_payouts(part, &books.moved, search));
    }
    entries
}

fn costs(part: &FullPart) -> Vec<Explained> {
    explain_costs((&part.part, part.fallen_away()), &part.lines, part.order.order.costs.tax_name.as_deref())
}

async fn tell(ctx: &Context<'_>, entries: Vec<Explained>, currency: CurrencyCode) -> WireResult<Vec<OrderExplanation>> {
    let language = match &ctx.caller().request.locale {
        Some(locale) => locale.language(),
        None => ctx.loader().load_one(PreferredLocale).await?.unwrap_or_default().language(),
    };
    Ok(entries.into_iter().map(|entry| OrderExplanation::new(entry, currency, language)).collect())
}

fn text(entry: &Explained, currency: CurrencyCode, language: Language) -> String {
    let (title, quantity, each, rate) = match &entry.line {
        Some(line) => {
            let rate = Rate::from_basis_points(line.charge.tax_rate).unwrap_or_default();
            (
                line.title.as_str(),
                line.quantity,
                money::Money::new(line.unit_price, currency).to_string(),
                rate.percent(),
            )
        }
        None => ("", 0, String::new(), Rate::default().percent()),
    };
    let name = entry.name.as_deref();
    let (english, german) = match entry.step {
        ExplanationStep::Price => {
            (format!("{quantity} × {title} at {each}"), format!("{quantity} × {title} zu je {each}"))
        }
        ExplanationStep::Shipping => (format!("Sending it: {title}"), format!("Versand: {title}")),
        ExplanationStep::Discount => match name {
            Some(name) => (format!("{name}, off {title}"), format!("{name}, Nachlass auf {title}")),
            None => (format!("Taken off {title}"), format!("Nachlass auf {title}")),
        },
        ExplanationStep::Tax => {
            let (tax, steuer) = (name.unwrap_or("Tax"), name.unwrap_or("Steuer"));
            (format!("{tax} of {rate} % on {title}"), format!("{steuer} von {rate} % auf {title}"))
        }
        ExplanationStep::TaxContained => {
            let (tax, steuer) = (name.unwrap_or("Tax"), name.unwrap_or("Steuer"));
            (
                format!("{tax} of {rate} % that is contained in {title}"),
                format!("{steuer} von {rate} %, enthalten in {title}"),
            )
        }
        ExplanationStep::Dropped => {
            ("What was called off before it was paid".into(), "Was storniert wurde, bevor es bezahlt war".into())
        }
        ExplanationStep::Payment => ("Paid".into(), "Bezahlt".into()),
        ExplanationStep::PaidElsewhere => {
            ("Paid in the system that took the order".into(), "Bezahlt in dem System, das die Bestellung annahm".into())
        }
        ExplanationStep::Refund => ("Given back".into(), "Zurückgezahlt".into()),
        ExplanationStep::RefundPending => ("Still to be given back".into(), "Noch zurückzuzahlen".into()),
        ExplanationStep::ProviderFee => (
            "Kept by the payment provider, at the market's cost".into(),
            "Vom Zahlungsdienst einbehalten, auf Kosten des Marktes".into(),
        ),
        ExplanationStep::DisputeFee => (
            "Charged by the payment provider for a dispute, at the market's cost".into(),
            "Vom Zahlungsdienst für eine Rückbuchung berechnet, auf Kosten des Marktes".into(),
        ),
        ExplanationStep::Sale => ("What the shop got for it".into(), "Was das Geschäft dafür bekam".into()),
        ExplanationStep::TaxWithheld => (
            "The tax in it, which the market pays to the state".into(),
            "Die Steuer darin, die der Markt abführt".into(),
        ),
        ExplanationStep::Commission => ("The market's share".into(), "Der Anteil des Marktes".into()),
        ExplanationStep::SaleReturned => {
            ("Taken back from the shop for the buyer".into(), "Vom Geschäft zurückgenommen für den Käufer".into())
        }
        ExplanationStep::TaxReturned => ("The tax in what went back".into(), "Die Steuer im Zurückgezahlten".into()),
        ExplanationStep::CommissionReturned => {
            ("The market's share of what went back".into(), "Der Anteil des Marktes am Zurückgezahlten".into())
        }
        ExplanationStep::Disputed => (
            "Taken back by the buyer's bank, without the tax and the market's share in it".into(),
            "Von der Bank des Käufers zurückgeholt, ohne die Steuer und den Anteil des Marktes darin".into(),
        ),
        ExplanationStep::DisputeReturned => {
            ("Given again by the buyer's bank".into(), "Von der Bank des Käufers wieder herausgegeben".into())
        }
        ExplanationStep::PaidOut => ("Paid out to the shop".into(), "An das Geschäft ausgezahlt".into()),
        ExplanationStep::PayoutReturned => {
            ("Came back from a payout that failed".into(), "Von einer gescheiterten Auszahlung zurückgekommen".into())
        }
        ExplanationStep::Held => ("Still on the shop's account".into(), "Noch auf dem Konto des Geschäfts".into()),
    };
    match language {
        Language::English => english,
        Language::German => german,
    }
}
