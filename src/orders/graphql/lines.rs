//! Lines of orders, on the wire.

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject};

use crate::{
    kernel::{
        id::Id,
        money::{self, Decimal},
        rate::Rate,
    },
    orders::model::{self, OrderLineKind},
    platform::gql::{Ask, AtHand, AtOnce, Money, Plain, WireResult},
    products::{
        self,
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
    },
};

/// What was agreed about one variant, or one charge. Title, SKU and price are as they were then.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderLine {
    /// Begins with `line_`.
    id: Id<model::OrderLine>,
    /// Goods, or a charge such as postage.
    kind: OrderLineKind,
    /// What it was called.
    title: String,
    /// The shop's code for it.
    sku: String,
    /// How many.
    quantity: i32,
    /// How many of them are packed, on their way, or have arrived.
    quantity_packed: i32,
    /// How many of them were called off, by the shop or the buyer.
    quantity_cancelled: i32,
    /// How many of them are coming back, or have come.
    quantity_returned: i32,
    /// What one costs before anything is taken off.
    unit_price: Money,
    /// What is taken off all of them together: this line's share of what is taken off the part.
    discount: Money,
    /// The tax in the total, of this line by itself, rounded half up.
    tax: Money,
    /// In percent, such as `20` or `7.25`.
    tax_rate: Decimal,
    /// What is paid for all of them.
    total: Money,
    #[graphql(skip)]
    product: Option<Id<products::model::Product>>,
    #[graphql(skip)]
    variant: Option<Id<products::model::Variant>>,
}

impl Plain for OrderLine {
    fn concrete_type(&self) -> Cow<'static, str> {
        "OrderLine".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "kind" => AtHand::value(&self.kind),
            "title" => AtHand::Text(&self.title),
            "sku" => AtHand::Text(&self.sku),
            "quantity" => AtHand::value(&self.quantity),
            "quantityPacked" => AtHand::value(&self.quantity_packed),
            "quantityCancelled" => AtHand::value(&self.quantity_cancelled),
            "quantityReturned" => AtHand::value(&self.quantity_returned),
            "unitPrice" => AtHand::Object(&self.unit_price),
            "discount" => AtHand::Object(&self.discount),
            "tax" => AtHand::Object(&self.tax),
            "total" => AtHand::Object(&self.total),
            _ => AtHand::NotYet,
        }
    }
}

impl OrderLine {
    pub(super) fn new(row: model::OrderLine, currency: money::CurrencyCode) -> Self {
        let money = |minor| money::Money::new(minor, currency).into();
        Self {
            id: row.id,
            kind: row.kind,
            title: row.title,
            sku: row.sku,
            quantity: row.quantity,
            quantity_packed: row.packed,
            quantity_cancelled: row.cancelled,
            quantity_returned: row.returned,
            unit_price: money(row.unit_price),
            discount: money(row.charge.discount),
            tax: money(row.charge.tax),
            tax_rate: Rate::from_basis_points(row.charge.tax_rate).unwrap_or_default().percent(),
            total: money(row.total),
            product: row.product_id,
            variant: row.variant_id,
        }
    }
}

#[ComplexObject]
impl OrderLine {
    /// The product as it is now; null for a charge, and when it is no longer for sale.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<AtOnce<Product>>> {
        let Some(id) = self.product else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(AtOnce::of))
    }

    /// The variant as it is now; null for a charge, and when it is no longer for sale.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        let Some(id) = self.variant else { return Ok(None) };
        Ok(ctx.loader().load_one(VariantById(id)).await?.map(Into::into))
    }
}
