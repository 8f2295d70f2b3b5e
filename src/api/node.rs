//! Everything that has an id of its own, by that id.

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::try_join_all;

use super::viewer::{Viewer, ViewerEntity};
use crate::{
    carts::{self, graphql::Cart, loaders::CartKey},
    invoices::{
        self,
        graphql::{CreditNote, Invoice},
        model::DocumentKind,
    },
    kernel::{
        error::Failure,
        id::{self, Entity, Id},
    },
    media::{self, graphql::Image, loaders::ImageById},
    messages::{
        self,
        graphql::{Conversation, Message},
        loaders::{ConversationById, MessageById},
    },
    notifications::{self, graphql::Notification, loaders::OwnNotification},
    orders::{
        self,
        graphql::{Claim, Order, OrderPart, OrderReturn, Refund, Shipment},
        loaders::{ClaimById, DocumentById, OrderById, PartById, PaymentById, RefundById, ReturnById, ShipmentById},
    },
    payments::{
        self,
        graphql::{Payment, PaymentDispute, StoredPaymentMethod},
        loaders::{DisputeById, OwnMethod},
    },
    payouts::{self, graphql::Payout, loaders::PayoutById},
    platform::gql::{Ask, WireResult},
    porting::{self, graphql::ProductImport, loaders::ProductImportById},
    products::{
        self,
        graphql::{Attribute, Category, Product, ProductKind, ProductVariant, TaxClass},
        loaders::{AttributeKey, CategoryKey, ProductKey, ProductKindKey, TaxClassById, VariantById},
        model::{
            CategoryBy,
            attributes::{AttributeBy, ProductKindBy},
        },
    },
    promotions::{self, graphql::Promotion, loaders::PromotionById},
    reviews::{self, graphql::Review, loaders::ReviewById},
    searches::{self, graphql::SavedSearch, loaders::OwnSearch},
    shops::{
        self,
        graphql::{Shop, ShopDesk},
        loaders::{DeskByShop, ShopById},
    },
    users::{
        self,
        graphql::{SavedAddress, Session, User},
        loaders::{OwnAddress, OwnSession, UserById},
    },
    wishlists::{self, graphql::WishList, loaders::WishListById},
};

/// How many nodes can be asked for at once.
const MAXIMUM: usize = 100;

/// Something with an id of its own, which clients can cache and ask for again.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The same string in the API, in logs and in URLs. An id is no permission."
))]
pub enum Node {
    User(User),
    Session(Session),
    SavedAddress(SavedAddress),
    Viewer(Box<Viewer>),
    Shop(Shop),
    ShopDesk(Box<ShopDesk>),
    Category(Category),
    Attribute(Attribute),
    ProductKind(ProductKind),
    TaxClass(TaxClass),
    ProductImport(ProductImport),
    Product(Product),
    Review(Review),
    WishList(WishList),
    SavedSearch(SavedSearch),
    ProductVariant(ProductVariant),
    Promotion(Promotion),
    Cart(Cart),
    Conversation(Conversation),
    Message(Message),
    Notification(Notification),
    Order(Order),
    OrderPart(OrderPart),
    Payment(Payment),
    PaymentDispute(PaymentDispute),
    StoredPaymentMethod(StoredPaymentMethod),
    Refund(Refund),
    Shipment(Shipment),
    OrderReturn(OrderReturn),
    Claim(Claim),
    Payout(Payout),
    Invoice(Invoice),
    CreditNote(CreditNote),
    Image(Image),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// What has this id; null if it does not exist or is not visible to you.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any id of this API.")] id: ID,
    ) -> WireResult<Option<Node>> {
        load(ctx, &id).await
    }

    /// What has these ids, in their order; null in the place of what does not exist or is not visible to you.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 100 ids.")] ids: Vec<ID>,
    ) -> WireResult<Vec<Option<Node>>> {
        if ids.len() > MAXIMUM {
            return Err(Failure::BadUserInput(format!("`ids` holds at most {MAXIMUM} ids")).into());
        }
        try_join_all(ids.iter().map(|id| load(ctx, id))).await
    }
}

fn parse<E: Entity>(text: &str) -> Result<Id<E>, Failure> {
    text.parse().map_err(|error: id::IdError| Failure::BadUserInput(error.to_string()))
}

async fn load(ctx: &Context<'_>, id: &ID) -> WireResult<Option<Node>> {
    let prefix = id::split(id).map(|(prefix, _)| prefix).unwrap_or_default();
    let loader = ctx.loader();
    let node = match prefix {
        users::model::User::PREFIX => loader.load_one(UserById(parse(id)?)).await?.map(|row| Node::User(row.into())),
        users::model::Session::PREFIX => {
            loader.load_one(OwnSession(parse(id)?)).await?.map(|row| Node::Session(row.into()))
        }
        users::model::SavedAddress::PREFIX => {
            loader.load_one(OwnAddress(parse(id)?)).await?.map(|row| Node::SavedAddress(row.into()))
        }
        ViewerEntity::PREFIX => {
            let id: Id<ViewerEntity> = parse(id)?;
            let is_own = ctx.caller().signed_in().is_some_and(|person| person.user == id.uuid());
            Viewer::of(ctx.caller()).filter(|_| is_own).map(|viewer| Node::Viewer(Box::new(viewer)))
        }
        shops::model::Shop::PREFIX => loader.load_one(ShopById(parse(id)?)).await?.map(|row| Node::Shop(row.into())),
        shops::model::Desk::PREFIX => {
            let desk: Id<shops::model::Desk> = parse(id)?;
            let desk = loader.load_one(DeskByShop(Id::from_uuid(desk.uuid()))).await?;
            desk.map(|row| Node::ShopDesk(Box::new(row.into())))
        }
        products::model::Category::PREFIX => {
            let key = CategoryKey(CategoryBy::Id(parse(id)?));
            loader.load_one(key).await?.map(|row| Node::Category(row.into()))
        }
        products::model::attributes::Attribute::PREFIX => {
            let key = AttributeKey(AttributeBy::Id(parse(id)?));
            loader.load_one(key).await?.map(|row| Node::Attribute(row.into()))
        }
        products::model::attributes::ProductKind::PREFIX => {
            let key = ProductKindKey(ProductKindBy::Id(parse(id)?));
            loader.load_one(key).await?.map(|row| Node::ProductKind(row.into()))
        }
        products::model::taxes::TaxClass::PREFIX => {
            loader.load_one(TaxClassById(parse(id)?)).await?.map(|row| Node::TaxClass(row.into()))
        }
        porting::model::ProductImport::PREFIX => {
            loader.load_one(ProductImportById(parse(id)?)).await?.map(|row| Node::ProductImport(row.into()))
        }
        products::model::Product::PREFIX => {
            loader.load_one(ProductKey::id(parse(id)?)).await?.map(|row| Node::Product(row.into()))
        }
        products::model::Variant::PREFIX => {
            loader.load_one(VariantById(parse(id)?)).await?.map(|row| Node::ProductVariant(row.into()))
        }
        reviews::model::Review::PREFIX => {
            loader.load_one(ReviewById(parse(id)?)).await?.map(|row| Node::Review(row.into()))
        }
        wishlists::model::WishList::PREFIX => {
            loader.load_one(WishListById(parse(id)?)).await?.map(|row| Node::WishList(row.into()))
        }
        searches::model::SavedSearch::PREFIX => {
            loader.load_one(OwnSearch(parse(id)?)).await?.map(|row| Node::SavedSearch(row.into()))
        }
        promotions::model::Promotion::PREFIX => {
            loader.load_one(PromotionById(parse(id)?)).await?.map(|row| Node::Promotion(row.into()))
        }
        carts::model::Cart::PREFIX => loader.load_one(CartKey::id(parse(id)?)).await?.map(|row| Node::Cart(row.into())),
        messages::model::Conversation::PREFIX => {
            loader.load_one(ConversationById(parse(id)?)).await?.map(|row| Node::Conversation(row.into()))
        }
        messages::model::Message::PREFIX => {
            loader.load_one(MessageById(parse(id)?)).await?.map(|row| Node::Message(row.into()))
        }
        notifications::model::Notification::PREFIX => {
            loader.load_one(OwnNotification(parse(id)?)).await?.map(|row| Node::Notification(row.into()))
        }
        orders::model::Order::PREFIX => {
            loader.load_one(OrderById(parse(id)?)).await?.map(|row| Node::Order(row.into()))
        }
        orders::model::OrderPart::PREFIX => {
            loader.load_one(PartById(parse(id)?)).await?.map(|row| Node::OrderPart(row.into()))
        }
        payments::model::PaymentIntent::PREFIX => {
            loader.load_one(PaymentById(parse(id)?)).await?.map(|row| Node::Payment(row.into()))
        }
        payments::model::Dispute::PREFIX => {
            loader.load_one(DisputeById(parse(id)?)).await?.map(|row| Node::PaymentDispute(row.into()))
        }
        payments::model::StoredMethod::PREFIX => {
            loader.load_one(OwnMethod(parse(id)?)).await?.map(|row| Node::StoredPaymentMethod(row.into()))
        }
        payments::model::Refund::PREFIX => {
            loader.load_one(RefundById(parse(id)?)).await?.map(|row| Node::Refund(row.into()))
        }
        orders::model::Shipment::PREFIX => {
            loader.load_one(ShipmentById(parse(id)?)).await?.map(|row| Node::Shipment(row.into()))
        }
        orders::model::Return::PREFIX => {
            loader.load_one(ReturnById(parse(id)?)).await?.map(|row| Node::OrderReturn(row.into()))
        }
        orders::model::Claim::PREFIX => {
            loader.load_one(ClaimById(parse(id)?)).await?.map(|row| Node::Claim(row.into()))
        }
        payouts::model::Payout::PREFIX => {
            loader.load_one(PayoutById(parse(id)?)).await?.map(|row| Node::Payout(row.into()))
        }
        invoices::model::Invoice::PREFIX => {
            let invoice: Id<invoices::model::Invoice> = parse(id)?;
            let key = DocumentById(Id::from_uuid(invoice.uuid()), DocumentKind::Invoice);
            loader.load_one(key).await?.map(|row| Node::Invoice(row.into()))
        }
        invoices::model::CreditNote::PREFIX => {
            let note: Id<invoices::model::CreditNote> = parse(id)?;
            let key = DocumentById(Id::from_uuid(note.uuid()), DocumentKind::CreditNote);
            loader.load_one(key).await?.map(|row| Node::CreditNote(row.into()))
        }
        media::model::Medium::PREFIX => {
            loader.load_one(ImageById(parse(id)?)).await?.map(|row| Node::Image(row.into()))
        }
        _ => return Err(Failure::BadUserInput("this is no id of this API".into()).into()),
    };
    Ok(node)
}
