//! What an order would cost.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{agree, merged};
use crate::{
    carts::{self, error::CartError},
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
        place::CountryCode,
        rate::Rate,
    },
    orders::{
        error::OrderError,
        model::{AgreedLine, Charged, ChosenMethod, Costs, Delivery, PartCosts, WantedLine, charge},
    },
    platform::{app::App, caller::Caller, clock::Time, db::Conn},
    promotions::{
        self,
        model::{Applied, Applying, Basket},
    },
    shipping::{
        self,
        model::{Offer, Offers, Parcel},
    },
    shops::model::Shop,
    taxes::{self, model::CountryTaxes},
    users::model::{User, signed_in},
};

/// What somebody wants to know the costs of.
pub enum Source {
    Lines(Vec<WantedLine>),
    /// What is in a guest's cart, which a token opens; in the caller's own without one.
    Cart(Option<String>),
}

/// How somebody wants to know the costs of something.
pub struct AskedQuote {
    pub source: Source,
    pub to: CountryCode,
    pub shipping: Vec<ChosenMethod>,
    pub code: Option<String>,
}

/// What an order would cost that is sent to a country, and what would be said against it.
pub async fn quote(app: &App, caller: &Caller, asked: AskedQuote) -> Result<(Costs, Vec<OrderError>), OrderError> {
    let AskedQuote { source, to, shipping, code } = asked;
    let (lines, cart) = match source {
        Source::Lines(lines) => (lines, None),
        Source::Cart(token) => {
            let cart = carts::service::cart(app, caller, token.as_deref()).await?;
            (Vec::new(), Some(cart.ok_or(OrderError::Cart(CartError::NoCart))?))
        }
    };
    let (buyer, now) = (signed_in(caller).ok(), app.now());
    let quote = move |conn: &mut Conn| {
        let terms = Terms { to, shipping: &shipping, code: code.as_deref(), buyer, now };
        let Some(cart) = &cart else {
            let agreed = agree(conn, &merged(&lines)?, &lines, None, now)?;
            let costs = reckon(conn, agreed, &terms)?;
            let problems = problems(&costs).collect();
            return Ok((costs, problems));
        };
        let of_cart = |error| OrderError::OfCart(Box::new(error));
        let lines: Vec<_> = carts::service::lines_of(conn, cart.id)?.iter().map(wanted).collect();
        let merged = merged(&lines).map_err(of_cart)?;
        let agreed = agree(conn, &merged, &lines, Some(cart.currency), now).map_err(of_cart)?;
        let costs = reckon(conn, agreed, &terms)?;
        let problems = problems(&costs).map(of_cart).collect();
        Ok((costs, problems))
    };
    app.db.read(quote).await
}

fn wanted(line: &carts::model::Line) -> WantedLine {
    WantedLine { variant: line.variant_id, quantity: line.quantity, expected_unit_price: None }
}

/// What is to be said against ordering something at these costs: what shops do not send there, and a code that does nothing.
pub(super) fn problems(costs: &Costs) -> impl Iterator<Item = OrderError> {
    let unsent = costs.parts.iter().filter(|part| !part.can_be_sent());
    let unsent = unsent.map(|part| part.lines.first().map_or(0, |(line, _)| line.place));
    unsent.map(|line| OrderError::CannotShip { line }).chain(costs.fault.map(OrderError::Code))
}

/// What the costs of an order go by, besides its lines.
pub(super) struct Terms<'a> {
    pub to: CountryCode,
    /// How each shop is to send it: the cheapest way if nothing is said.
    pub shipping: &'a [ChosenMethod],
    pub code: Option<&'a str>,
    pub buyer: Option<Id<User>>,
    pub now: Time,
}

/// What lines cost on which both sides agree.
///
/// # Errors
/// If it cannot be sent as was chosen, or an amount is out of range.
pub(super) fn reckon(conn: &mut Conn, agreed: Vec<AgreedLine>, terms: &Terms<'_>) -> Result<Costs, OrderError> {
    let Some(currency) = agreed.first().map(|line| line.price.currency) else {
        return Err(OrderError::Lines { is_empty: true });
    };
    // Every sum of some of these is in range if this one is.
    Money::sum(agreed.iter().map(|line| line.price), currency)?;
    let shops = by_shop(agreed);
    if let Some(place) = misplaced(terms.shipping, &shops) {
        return Err(OrderError::ShippingMethod { place });
    }
    let parcels: Vec<Parcel> = shops.iter().map(|(shop, lines)| parcel(*shop, lines)).collect();
    let taxes = taxes::service::of_country(conn, terms.to)?;
    let mut offers = shipping::service::offers(conn, &parcels, terms.to, currency)?;
    let mut chosen: BTreeMap<Id<Shop>, Offer> = BTreeMap::new();
    for (shop, offers) in &offers {
        if let Some(offer) = choose(*shop, offers, terms.shipping)? {
            chosen.insert(*shop, offer.clone());
        }
    }
    let basket = |parcel: &Parcel| Basket {
        shop: parcel.shop,
        subtotal: parcel.subtotal,
        shipping: chosen.get(&parcel.shop).map_or(0, |offer| offer.price),
    };
    let baskets: Vec<Basket> = parcels.iter().map(basket).collect();
    let Applying { mut applied, fault } =
        promotions::service::apply(conn, &baskets, terms.code, terms.buyer, currency, terms.now)?;
    let mut parts = Vec::with_capacity(shops.len());
    for (shop, lines) in shops {
        let promotion = applied.remove(&shop);
        let lines = charge_goods(lines, promotion.as_ref(), currency, taxes.as_ref())?;
        let delivery = chosen.remove(&shop);
        let delivery =
            delivery.map(|offer| deliver(offer, promotion.as_ref(), currency, taxes.as_ref())).transpose()?;
        let offers = offers.remove(&shop).unwrap_or(Offers::Unsaid);
        parts.push(PartCosts { shop, lines, offers, delivery, promotion });
    }
    let costs = Costs { currency, parts, taxes, fault };
    costs.total()?;
    Ok(costs)
}

/// The first choice for a shop of which nothing is ordered, or for which there is one before it.
fn misplaced(chosen: &[ChosenMethod], shops: &[(Id<Shop>, Vec<AgreedLine>)]) -> Option<usize> {
    let mut open: BTreeSet<Id<Shop>> = shops.iter().map(|(shop, _)| *shop).collect();
    chosen.iter().position(|chosen| !open.remove(&chosen.shop))
}

/// Lines by their shops, in the order in which these first appear.
fn by_shop(agreed: Vec<AgreedLine>) -> Vec<(Id<Shop>, Vec<AgreedLine>)> {
    let mut shops: Vec<(Id<Shop>, Vec<AgreedLine>)> = Vec::new();
    for line in agreed {
        match shops.iter_mut().find(|(shop, _)| *shop == line.item.shop) {
            Some((_, lines)) => lines.push(line),
            None => shops.push((line.item.shop, vec![line])),
        }
    }
    shops
}

fn parcel(shop: Id<Shop>, lines: &[AgreedLine]) -> Parcel {
    let weight = |line: &AgreedLine| i64::from(line.item.weight_grams.unwrap_or(0)) * i64::from(line.quantity);
    let subtotal = lines.iter().map(|line| line.price.minor).sum();
    Parcel { shop, weight_grams: lines.iter().map(weight).sum(), subtotal }
}

/// The way that was chosen of those that a shop offers; the cheapest if none was.
fn choose<'a>(shop: Id<Shop>, offers: &'a Offers, chosen: &[ChosenMethod]) -> Result<Option<&'a Offer>, OrderError> {
    let wanted = chosen.iter().enumerate().find(|(_, chosen)| chosen.shop == shop);
    match (offers, wanted) {
        (Offers::Unsaid, None) => Ok(None),
        (Offers::Of(offers), None) => Ok(offers.first()),
        (Offers::Of(offers), Some((_, wanted)))
            if offers.is_empty() || offers.iter().any(|it| it.method == wanted.method) =>
        {
            Ok(offers.iter().find(|offer| offer.method == wanted.method))
        }
        (_, Some((place, _))) => Err(OrderError::ShippingMethod { place }),
    }
}

/// What lines of one shop cost, off which a promotion takes something.
///
/// # Errors
/// If an amount is out of range.
pub(super) fn charge_goods(
    lines: Vec<AgreedLine>,
    promotion: Option<&Applied>,
    currency: CurrencyCode,
    taxes: Option<&CountryTaxes>,
) -> Result<Vec<(AgreedLine, Charged)>, OrderError> {
    let rate = |line: &AgreedLine| taxes.map_or_else(Rate::default, |taxes| taxes.of_class(line.item.tax_class));
    let prices: Vec<_> = lines.iter().map(|line| (line.price, rate(line))).collect();
    let saved = Money::new(promotion.map_or(0, |applied| applied.saving.goods), currency);
    let charged = charge(&prices, saved, taxes)?;
    Ok(lines.into_iter().zip(charged).collect())
}

fn deliver(
    offer: Offer,
    promotion: Option<&Applied>,
    currency: CurrencyCode,
    taxes: Option<&CountryTaxes>,
) -> Result<Delivery, OrderError> {
    let price = (Money::new(offer.price, currency), taxes.map_or_else(Rate::default, CountryTaxes::of_shipping));
    let saved = Money::new(promotion.map_or(0, |applied| applied.saving.shipping), currency);
    let charged = charge(&[price], saved, taxes)?.into_iter().next().ok_or(OrderError::Amount)?;
    Ok(Delivery { offer, charged })
}

#[cfg(test)]
mod tests;
