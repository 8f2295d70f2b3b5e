//! Country taxes on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::{
    model::{self, Remitter},
    service::{self, WantedTaxes},
};
use crate::{
    kernel::{error::Failure, id::Id, money::Decimal, place::CountryCode, rate::Rate},
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult, list_size},
    },
    products::{self, graphql::TaxClass, loaders::TaxClassById},
    user_errors::{UserError, answer},
};

/// How what is sent to a country is taxed.
#[derive(Debug, Clone, SimpleObject)]
pub struct CountryTaxes {
    /// Which country.
    pub country: CountryCode,
    /// Whether the prices of all shops contain the tax, as in the European Union; else it comes on top, as in the United States.
    pub is_included_in_prices: bool,
    /// Who pays it to the state.
    pub remitted_by: Remitter,
    /// What it is called on documents, such as `VAT`: 1 to 40 characters.
    pub name: String,
    /// In percent, 0 to 100 with at most two decimals: `20` is a fifth. It is the rate of all that has none of its own.
    pub standard_rate: Decimal,
    /// The rate of what sending costs, in percent; null: the standard rate.
    pub shipping_rate: Option<Decimal>,
    /// The rates of those tax classes that have one of their own; at most 50, the older classes first.
    #[graphql(directive = list_size::apply(3))]
    pub rates: Vec<CountryTaxRate>,
    /// Rises with every change; goes into `setCountryTaxes` and `removeCountryTaxes` as `expectedVersion`.
    pub version: i32,
}

impl From<model::CountryTaxes> for CountryTaxes {
    fn from(taxes: model::CountryTaxes) -> Self {
        let rates = taxes.rates.into_iter().map(|(class, rate)| CountryTaxRate { rate: rate.percent(), class });
        Self {
            country: taxes.country,
            is_included_in_prices: taxes.is_included,
            remitted_by: taxes.remitted_by,
            name: taxes.name,
            standard_rate: taxes.standard.percent(),
            shipping_rate: taxes.shipping.map(Rate::percent),
            rates: rates.collect(),
            version: taxes.version,
        }
    }
}

/// The rate of a tax class in a country.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct CountryTaxRate {
    /// In percent, 0 to 100 with at most two decimals.
    pub rate: Decimal,
    #[graphql(skip)]
    class: Id<products::model::taxes::TaxClass>,
}

#[ComplexObject]
impl CountryTaxRate {
    /// What has this rate: the products of the class.
    async fn tax_class(&self, ctx: &Context<'_>) -> WireResult<TaxClass> {
        let class = ctx.loader().load_one(TaxClassById(self.class)).await?;
        Ok(class.ok_or_else(|| Failure::internal("a rate without a tax class"))?.into())
    }
}

#[derive(Default)]
pub struct CountryTaxesQuery;

#[Object]
impl CountryTaxesQuery {
    /// How what is sent to a country is taxed, by country; at most 250. What is sent to a country that is not among them is not
    /// taxed.
    #[graphql(directive = list_size::apply(30))]
    async fn country_taxes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this country alone; of all if absent.")] country: Option<CountryCode>,
    ) -> WireResult<Vec<CountryTaxes>> {
        Ok(service::country_taxes(ctx.app(), country).await?.into_iter().map(Into::into).collect())
    }
}

/// The rate that a tax class shall have.
#[derive(InputObject)]
pub struct CountryTaxRateInput {
    /// Which tax class. Each is named once.
    tax_class_id: Id<products::model::taxes::TaxClass>,
    /// In percent, 0 to 100 with at most two decimals.
    rate: Decimal,
}

/// How what is sent to a country shall be taxed: all of it, in the place of what was laid down before.
#[derive(InputObject)]
pub struct SetCountryTaxesInput {
    /// Which country.
    country: CountryCode,
    /// The `version` of what is laid down, as it was read; null if nothing is yet.
    expected_version: Option<i32>,
    /// Whether the prices of all shops contain the tax; else it comes on top.
    is_included_in_prices: bool,
    /// Who pays it to the state.
    remitted_by: Remitter,
    /// What it is called on documents, such as `VAT`: 1 to 40 characters.
    name: String,
    /// In percent, 0 to 100 with at most two decimals.
    standard_rate: Decimal,
    /// The rate of what sending costs, in percent, 0 to 100 with at most two decimals; the standard rate if absent.
    shipping_rate: Option<Decimal>,
    /// The rates of tax classes that shall have one of their own, at most 50. The others have the standard rate.
    #[graphql(default)]
    rates: Vec<CountryTaxRateInput>,
}

/// What `setCountryTaxes` answers.
#[derive(SimpleObject)]
pub struct SetCountryTaxesPayload {
    /// What is laid down now.
    country_taxes: Option<CountryTaxes>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Of which country nothing shall be laid down any more.
#[derive(InputObject)]
pub struct RemoveCountryTaxesInput {
    /// Which country.
    country: CountryCode,
    /// The `version` of what is laid down, as it was read.
    expected_version: i32,
}

/// What `removeCountryTaxes` answers.
#[derive(SimpleObject)]
pub struct RemoveCountryTaxesPayload {
    /// What is gone, as it was.
    country_taxes: Option<CountryTaxes>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct CountryTaxesMutation;

#[Object]
impl CountryTaxesMutation {
    /// Lays down how what is sent to a country is taxed. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `TOO_MANY`, `TAKEN`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn set_country_taxes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How what is sent there shall be taxed.")] input: SetCountryTaxesInput,
    ) -> WireResult<SetCountryTaxesPayload> {
        let wanted = WantedTaxes {
            country: input.country,
            is_included: input.is_included_in_prices,
            remitted_by: input.remitted_by,
            name: input.name,
            standard: input.standard_rate,
            shipping: input.shipping_rate,
            rates: input.rates.into_iter().map(|given| (given.tax_class_id, given.rate)).collect(),
        };
        let result = service::set_country_taxes(ctx.app(), ctx.caller(), input.expected_version, wanted).await;
        let (taxes, user_errors) = answer(ctx, result).await?;
        Ok(SetCountryTaxesPayload { country_taxes: taxes.map(Into::into), user_errors })
    }

    /// Takes away what is laid down of a country: what is sent there is not taxed any more. The market's administrators may.
    ///
    /// Codes: `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn remove_country_taxes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which country.")] input: RemoveCountryTaxesInput,
    ) -> WireResult<RemoveCountryTaxesPayload> {
        let RemoveCountryTaxesInput { country, expected_version } = input;
        let result = service::remove_country_taxes(ctx.app(), ctx.caller(), country, expected_version).await;
        let (taxes, user_errors) = answer(ctx, result).await?;
        Ok(RemoveCountryTaxesPayload { country_taxes: taxes.map(Into::into), user_errors })
    }
}
