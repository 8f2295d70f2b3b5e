//! What an order would cost, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::mutations::{OrderLineInput, ShippingChoiceInput};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{self, CurrencyCode, Decimal},
        place::CountryCode,
        rate::Rate,
    },
    orders::{
        model::{AgreedLine, Charged, ChosenMethod, Costs, PartCosts, Sums, WantedLine},
        service::{self, AskedQuote, Source},
    },
    platform::gql::{Ask, Money, WireError, WireResult, cost, list_size},
    products::{self, graphql::ProductVariant, loaders::VariantById},
    shipping::model::{Method, Offer, Offers},
    shops::{self, graphql::Shop, loaders::ShopById},
    user_errors::{UserError, answer},
};

/// What you want to know the costs of: `lines`, or what is in a cart.
#[derive(InputObject)]
pub struct QuoteInput {
    /// 1 to 200 lines; what is in a cart if absent.
    lines: Option<Vec<OrderLineInput>>,
    /// What opens a guest's cart; your own if absent. None with `lines`.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// Where it is to go.
    country: CountryCode,
    /// How each shop is to send it, at most one for each: the cheapest way if nothing is said.
    shipping: Option<Vec<ShippingChoiceInput>>,
    /// A code that takes something off.
    code: Option<String>,
}

/// What `quote` answers.
#[derive(SimpleObject)]
pub struct QuoteResult {
    /// What it would cost. It is there also if a shop does not send it there, or the code does nothing: `userErrors` say so.
    quote: Option<Quote>,
    /// What would keep it from being ordered so; but a code that is `OUTDONE` would not. What is wrong with a line of a cart is told at
    /// `cart`, `lines` and its place.
    user_errors: Vec<UserError>,
}

/// What an order would cost now. Nothing is held for you by asking.
#[derive(SimpleObject)]
pub struct Quote {
    /// What the goods cost before anything is taken off.
    subtotal: Money,
    /// What is taken off goods and shipping.
    discount: Money,
    /// What it costs to send it, before anything is taken off.
    shipping: Money,
    /// The tax in the total.
    tax: Money,
    /// What the tax is called there: `VAT`; null if there is none.
    tax_name: Option<String>,
    /// Whether prices contain the tax. Else it is added to them.
    is_tax_included: bool,
    /// What is to be paid, for `expectedTotal`: subtotal and shipping, less the discount, with the tax if it is added.
    total: Money,
    /// One part per shop, in the order in which these first appear; at most 200.
    #[graphql(directive = list_size::apply(2))]
    parts: Vec<QuotePart>,
}

/// What an order would cost of one shop.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct QuotePart {
    /// What would be ordered: 1 to 200 lines.
    #[graphql(directive = list_size::apply(5))]
    lines: Vec<QuoteLine>,
    /// What the goods cost before anything is taken off.
    subtotal: Money,
    /// What is taken off goods and shipping.
    discount: Money,
    /// What it costs to send it, before anything is taken off.
    shipping: Money,
    /// The tax in the total.
    tax: Money,
    /// What is to be paid for it.
    total: Money,
    /// Whether the shop sends it there.
    can_be_sent: bool,
    /// How the shop would send it, the cheapest way first: at most 20. None if it says nothing of it: then it costs nothing.
    #[graphql(directive = list_size::apply(3))]
    shipping_offers: Vec<ShippingOffer>,
    /// Which of them counts.
    shipping_method_id: Option<Id<Method>>,
    /// What takes something off, as the shop calls it.
    promotion: Option<String>,
    #[graphql(skip)]
    shop: Id<shops::model::Shop>,
}

#[ComplexObject]
impl QuotePart {
    /// The shop.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        Ok(ctx.loader().load_one(ShopById(self.shop)).await?.map(Into::into))
    }
}

/// What some pieces of a variant would cost.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct QuoteLine {
    /// The variant's id.
    variant_id: Id<products::model::Variant>,
    /// How many.
    quantity: i32,
    /// What one costs before anything is taken off.
    unit_price: Money,
    /// What is taken off all of them together.
    discount: Money,
    /// The tax in the total, of this line by itself, rounded half up.
    tax: Money,
    /// In percent, such as `20` or `7.25`.
    tax_rate: Decimal,
    /// What is to be paid for all of them.
    total: Money,
}

#[ComplexObject]
impl QuoteLine {
    /// The variant.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        Ok(ctx.loader().load_one(VariantById(self.variant_id)).await?.map(Into::into))
    }
}

/// A way in which a shop would send what is ordered.
#[derive(SimpleObject)]
pub struct ShippingOffer {
    /// For `shipping` of `quote` and `placeOrder`.
    id: Id<Method>,
    /// What the shop calls it.
    name: String,
    /// What the shop says of it.
    description: Option<String>,
    /// What it costs, before anything is taken off and any tax is added.
    price: Money,
    /// How many days it takes at the least, as far as the shop says so.
    minimum_delivery_days: Option<i32>,
    /// How many days it takes at the most, as far as the shop says so.
    maximum_delivery_days: Option<i32>,
}

impl ShippingOffer {
    fn new(offer: &Offer, currency: CurrencyCode) -> Self {
        Self {
            id: offer.method,
            name: offer.name.clone(),
            description: offer.description.clone(),
            price: money::Money::new(offer.price, currency).into(),
            minimum_delivery_days: offer.days.from,
            maximum_delivery_days: offer.days.until,
        }
    }
}

impl QuoteLine {
    fn new((line, charged): &(AgreedLine, Charged)) -> Self {
        let money = |minor| money::Money::new(minor, line.price.currency).into();
        Self {
            variant_id: line.item.variant,
            quantity: line.quantity,
            unit_price: line.item.price.into(),
            discount: money(charged.charge.discount),
            tax: money(charged.charge.tax),
            tax_rate: Rate::from_basis_points(charged.charge.tax_rate).unwrap_or_default().percent(),
            total: money(charged.total),
        }
    }
}

impl QuotePart {
    fn new(part: &PartCosts, currency: CurrencyCode) -> Self {
        let Sums { goods, shipping, discount, tax, total } = part.sums();
        let money = |minor| money::Money::new(minor, currency).into();
        let offers = match &part.offers {
            Offers::Unsaid => Vec::new(),
            Offers::Of(offers) => offers.iter().map(|offer| ShippingOffer::new(offer, currency)).collect(),
        };
        Self {
            lines: part.lines.iter().map(QuoteLine::new).collect(),
            subtotal: money(goods),
            discount: money(discount),
            shipping: money(shipping),
            tax: money(tax),
            total: money(total),
            can_be_sent: part.can_be_sent(),
            shipping_offers: offers,
            shipping_method_id: part.delivery.as_ref().map(|delivery| delivery.offer.method),
            promotion: part.promotion.as_ref().map(|applied| applied.promotion.name.clone()),
            shop: part.shop,
        }
    }
}

impl From<&Costs> for Quote {
    fn from(costs: &Costs) -> Self {
        let Sums { goods, shipping, discount, tax, total } = costs.sums();
        let money = |minor| money::Money::new(minor, costs.currency).into();
        Self {
            subtotal: money(goods),
            discount: money(discount),
            shipping: money(shipping),
            tax: money(tax),
            tax_name: costs.taxes.as_ref().map(|taxes| taxes.name.clone()),
            is_tax_included: costs.taxes.as_ref().is_none_or(|taxes| taxes.is_included),
            total: money(total),
            parts: costs.parts.iter().map(|part| QuotePart::new(part, costs.currency)).collect(),
        }
    }
}

#[derive(Default)]
pub struct QuotesQuery;

#[Object]
impl QuotesQuery {
    /// What an order would cost now: with the ways in which its shops would send it, what they take off, and the taxes of where it
    /// goes. Ask before `placeOrder`, whose `expectedTotal` is its `total`.
    #[graphql(directive = cost::apply(50))]
    async fn quote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want to know the costs of.")] input: QuoteInput,
    ) -> WireResult<QuoteResult> {
        let source = match (input.lines, input.cart_token) {
            (Some(_), Some(_)) => {
                return Err(Failure::BadUserInput("a quote is of `lines`, or of a cart".into()).into());
            }
            (Some(lines), None) => {
                Source::Lines(lines.into_iter().map(WantedLine::try_from).collect::<Result<_, WireError>>()?)
            }
            (None, token) => Source::Cart(token),
        };
        let asked = AskedQuote {
            source,
            to: input.country,
            shipping: input.shipping.into_iter().flatten().map(ChosenMethod::from).collect(),
            code: input.code,
        };
        let result = service::quote(ctx.app(), ctx.caller(), asked).await;
        let (quoted, mut user_errors) = answer(ctx, result).await?;
        let Some((costs, problems)) = quoted else { return Ok(QuoteResult { quote: None, user_errors }) };
        for problem in problems {
            user_errors.extend(answer(ctx, Err::<(), _>(problem)).await?.1);
        }
        Ok(QuoteResult { quote: Some((&costs).into()), user_errors })
    }
}
