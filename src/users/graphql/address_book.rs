//! Addresses on the wire: how they are written, and those that people keep.

use async_graphql::{ComplexObject, Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::{
    kernel::{
        address::{self, AddressRules as Rules, StoredAddress},
        error::Failure,
        id::Id,
        place::CountryCode,
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, list_size, set},
    },
    user_errors::{UserError, answer},
    users::{
        loaders::OwnAddress,
        model,
        service::{self, KeptAddress, SavedAddressChange},
    },
};

/// A postal address.
#[derive(Debug, Clone, SimpleObject)]
pub struct Address {
    /// Who receives.
    name: String,
    /// Street and house, 1 to 4 lines.
    lines: Vec<String>,
    /// Null where there is none.
    postal_code: Option<String>,
    /// City, town or village.
    city: String,
    /// State, county or province; null where there is none.
    region: Option<String>,
    /// The country.
    country: CountryCode,
    /// For the carrier; null if none was given.
    phone: Option<String>,
}

impl From<address::Address> for Address {
    fn from(address: address::Address) -> Self {
        let address::Address { name, lines, postal_code, city, region, country, phone } = address;
        Self { name, lines, postal_code, city, region, country, phone }
    }
}

/// A postal address. `addressRules` says what a country asks for.
#[derive(InputObject)]
pub struct AddressInput {
    /// Who receives, 1 to 100 characters.
    name: String,
    /// Street and house: 1 to 4 lines of up to 100 characters.
    lines: Vec<String>,
    /// Up to 40 characters. Where the country has postal codes, one of its form.
    postal_code: Option<String>,
    /// City, town or village, 1 to 100 characters.
    city: String,
    /// State, county or province, up to 40 characters. Where the country asks for one, one of its regions: by the value, the
    /// name, or the last part of the ISO 3166-2 code.
    region: Option<String>,
    /// The country.
    country: CountryCode,
    /// For the carrier, up to 40 characters.
    phone: Option<String>,
}

impl From<AddressInput> for address::Address {
    fn from(input: AddressInput) -> Self {
        let AddressInput { name, lines, postal_code, city, region, country, phone } = input;
        Self { name, lines, postal_code, city, region, country, phone }
    }
}

/// How a country writes addresses, as far as countries differ: for forms.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AddressRules {
    /// Which country.
    country: CountryCode,
    #[graphql(skip)]
    rules: &'static Rules,
}

#[ComplexObject]
impl AddressRules {
    /// A regular expression that each postal code matches as a whole; null where there are none.
    async fn postal_code_pattern(&self) -> Option<&str> {
        self.rules.postal_codes().map(|codes| codes.pattern.as_str())
    }

    /// A postal code, such as a form shows it; null where none is known.
    async fn postal_code_example(&self) -> Option<&str> {
        self.rules.postal_codes().map(|codes| codes.example.as_str()).filter(|example| !example.is_empty())
    }

    /// Whether an address must have a postal code.
    async fn is_postal_code_required(&self) -> bool {
        self.rules.postal_codes().is_some_and(|codes| codes.is_required)
    }

    /// The regions of which an address must have one, at most 110; empty where it need not have any.
    #[graphql(directive = list_size::apply(50))]
    async fn regions(&self) -> Vec<AddressRegion> {
        let region = |region: &address::Region| AddressRegion {
            value: region.value.clone(),
            name: region.name.clone(),
            latin_name: region.latin.clone(),
        };
        self.rules.regions().iter().map(region).collect()
    }
}

/// A state, county or province that is written in addresses.
#[derive(SimpleObject)]
pub struct AddressRegion {
    /// What stands in `Address.region`: "CA".
    value: String,
    /// What people call it: "California".
    name: String,
    /// Its name in Latin letters where the country uses others, else null. It may stand in `Address.region`, too.
    latin_name: Option<String>,
}

#[derive(Default)]
pub struct AddressQuery;

#[Object]
impl AddressQuery {
    /// How a country writes addresses.
    async fn address_rules(&self, #[graphql(desc = "Which country.")] country: CountryCode) -> AddressRules {
        AddressRules { country, rules: Rules::of(country) }
    }
}

/// An address that you keep. Only you see it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SavedAddress {
    /// Begins with `address_`.
    pub id: Id<model::SavedAddress>,
    /// Whether it is where your orders go unless you say otherwise. One is at the most.
    is_default_shipping: bool,
    /// Whether it stands on your bills unless you say otherwise. One does at the most.
    is_default_billing: bool,
    /// When it was saved.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
    #[graphql(skip)]
    stored: StoredAddress,
}

#[ComplexObject]
impl SavedAddress {
    /// The address.
    async fn address(&self) -> WireResult<Address> {
        let address = self.stored.parse().ok_or_else(|| Failure::internal("a saved address cannot be read"))?;
        Ok(address.into())
    }
}

impl From<model::SavedAddress> for SavedAddress {
    fn from(row: model::SavedAddress) -> Self {
        let model::SavedAddress { id, address, is_default_shipping, is_default_billing, created_at, updated_at } = row;
        Self { id, is_default_shipping, is_default_billing, created_at, updated_at, stored: address }
    }
}

/// The address book's part of the viewer.
pub struct AddressViewer(pub Caller);

#[Object]
impl AddressViewer {
    /// The addresses that you keep, the newest first; at most 50.
    async fn addresses(&self, ctx: &Context<'_>) -> WireResult<Vec<SavedAddress>> {
        let addresses = service::saved_addresses(ctx.app(), &self.0).await?;
        Ok(addresses.into_iter().map(Into::into).collect())
    }
}

/// An address to keep.
#[derive(InputObject)]
pub struct CreateSavedAddressInput {
    /// The address.
    address: AddressInput,
    /// Whether your orders go there from now on. Those to the first address do in any case.
    #[graphql(default)]
    is_default_shipping: bool,
    /// Whether it stands on your bills from now on. The first address does in any case.
    #[graphql(default)]
    is_default_billing: bool,
    /// 1 to 255 characters that name this very intent, so that a repeat keeps no second one. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createSavedAddress` answers.
#[derive(SimpleObject)]
pub struct CreateSavedAddressPayload {
    /// The address as it is kept.
    saved_address: Option<SavedAddress>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about an address that you keep. What is absent stays.
#[derive(InputObject)]
pub struct UpdateSavedAddressInput {
    /// Which one.
    saved_address_id: Id<model::SavedAddress>,
    /// The address as a whole.
    address: MaybeUndefined<AddressInput>,
    /// Whether your orders go there from now on.
    is_default_shipping: MaybeUndefined<bool>,
    /// Whether it stands on your bills from now on.
    is_default_billing: MaybeUndefined<bool>,
}

/// What `updateSavedAddress` answers.
#[derive(SimpleObject)]
pub struct UpdateSavedAddressPayload {
    /// The address as it is now.
    saved_address: Option<SavedAddress>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which address to forget.
#[derive(InputObject)]
pub struct DeleteSavedAddressInput {
    /// Which one.
    saved_address_id: Id<model::SavedAddress>,
}

/// What `deleteSavedAddress` answers.
#[derive(SimpleObject)]
pub struct DeleteSavedAddressPayload {
    /// The id of what is gone, for caches.
    deleted_saved_address_id: Option<Id<model::SavedAddress>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AddressMutation;

#[Object]
impl AddressMutation {
    /// Keeps an address, one of at most 50. The first one is the default for orders and bills.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_saved_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address to keep.")] input: CreateSavedAddressInput,
    ) -> WireResult<CreateSavedAddressPayload> {
        let CreateSavedAddressInput { address, is_default_shipping, is_default_billing, idempotency_key } = input;
        let kept = KeptAddress { address: address.into(), is_default_shipping, is_default_billing };
        let result = service::create_saved_address(ctx.app(), ctx.caller(), idempotency_key.as_deref(), kept).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let saved_address = match id {
            Some(id) => ctx.loader().load_one(OwnAddress(id)).await?,
            None => None,
        };
        Ok(CreateSavedAddressPayload { saved_address: saved_address.map(Into::into), user_errors })
    }

    /// Changes an address that you keep. Orders that were placed before keep theirs.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_saved_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateSavedAddressInput,
    ) -> WireResult<UpdateSavedAddressPayload> {
        let change = SavedAddressChange {
            address: set(input.address, "address")?.map(Into::into),
            is_default_shipping: set(input.is_default_shipping, "isDefaultShipping")?,
            is_default_billing: set(input.is_default_billing, "isDefaultBilling")?,
        };
        let result = service::update_saved_address(ctx.app(), ctx.caller(), input.saved_address_id, change).await;
        let (saved_address, user_errors) = answer(ctx, result).await?;
        Ok(UpdateSavedAddressPayload { saved_address: saved_address.map(Into::into), user_errors })
    }

    /// Forgets an address. If it was a default, none is until you say which. Orders keep theirs.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_saved_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteSavedAddressInput,
    ) -> WireResult<DeleteSavedAddressPayload> {
        let result = service::delete_saved_address(ctx.app(), ctx.caller(), input.saved_address_id).await;
        let (deleted, user_errors) = answer(ctx, result).await?;
        let deleted_saved_address_id = deleted.map(|()| input.saved_address_id);
        Ok(DeleteSavedAddressPayload { deleted_saved_address_id, user_errors })
    }
}
