//! What is sent along with messages, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject, Union};
use uuid::Uuid;

use super::int;
use crate::{
    kernel::id::Id,
    media::{
        graphql::Image,
        model::{Medium, Upload},
    },
    messages::{
        model::attachments::{self, AttachmentDraft, Place},
        service,
    },
    orders::{self, graphql::OrderPart, loaders::PartById},
    platform::gql::{Ask, WireResult},
    products::{self, graphql::Product, loaders::ProductKey},
};

/// Something that was sent along with a message. New kinds may appear at any time: keep a default branch.
#[derive(Union)]
pub enum Attachment {
    Image(ImageAttachment),
    File(FileAttachment),
    Product(ProductAttachment),
    OrderPart(OrderPartAttachment),
    Place(PlaceAttachment),
}

impl From<attachments::Attachment> for Attachment {
    fn from(row: attachments::Attachment) -> Self {
        match row {
            attachments::Attachment::Image(medium) => Self::Image(medium.into()),
            attachments::Attachment::File { upload, name } => Self::File((upload, name).into()),
            attachments::Attachment::Product(product) => Self::Product(ProductAttachment { id: product }),
            attachments::Attachment::Part(part) => Self::OrderPart(OrderPartAttachment { id: part }),
            attachments::Attachment::Place(Place { name, latitude, longitude }) => {
                Self::Place(PlaceAttachment { name, latitude, longitude })
            }
        }
    }
}

/// A picture.
#[derive(SimpleObject)]
pub struct ImageAttachment {
    /// The picture. Only those who see the message get a URL of it.
    image: Image,
}

impl From<Medium> for ImageAttachment {
    fn from(medium: Medium) -> Self {
        Self { image: medium.into() }
    }
}

/// A file of any kind, kept as it was sent. Nobody has looked into it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FileAttachment {
    /// What its sender calls it, 1 to 200 characters.
    name: String,
    /// Its media type, as its first bytes tell; `application/octet-stream` where they tell nothing. HTML, SVG and the like are `text/plain`.
    content_type: String,
    /// How many bytes it has.
    byte_size: i32,
    #[graphql(skip)]
    id: Id<Upload>,
}

impl From<(Upload, String)> for FileAttachment {
    fn from((upload, name): (Upload, String)) -> Self {
        let content_type = upload.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        Self { name, content_type, byte_size: int(upload.byte_size), id: upload.id }
    }
}

#[ComplexObject]
impl FileAttachment {
    /// Where it is to be fetched, to be kept and never to be shown: for an hour at the least, for two at the most. Whoever has the URL gets
    /// the file, so it is kept secret.
    async fn url(&self, ctx: &Context<'_>) -> String {
        service::file_url(ctx.app(), self.id)
    }
}

pub struct ProductAttachment {
    id: Id<products::model::Product>,
}

/// A card of a product.
#[Object]
impl ProductAttachment {
    /// The product; null if you do not see it any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.id)).await?.map(Into::into))
    }
}

pub struct OrderPartAttachment {
    id: Uuid,
}

/// A card of a shop's part of an order.
#[Object]
impl OrderPartAttachment {
    /// The part; null if you do not see it.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        Ok(ctx.loader().load_one(PartById(Id::from_uuid(self.id))).await?.map(Into::into))
    }
}

/// A place on the earth.
#[derive(SimpleObject)]
pub struct PlaceAttachment {
    /// What its sender calls it, 1 to 200 characters.
    name: String,
    /// In degrees, from -90 in the south to 90 in the north.
    latitude: f64,
    /// In degrees, from -180 in the west to 180 in the east.
    longitude: f64,
}

/// What to send along: exactly one of the fields.
#[derive(OneofObject)]
pub enum AttachmentInput {
    /// A picture.
    Image(ImageAttachmentInput),
    /// A file of any kind.
    File(FileAttachmentInput),
    /// A card of a product that is for sale.
    ProductId(Id<products::model::Product>),
    /// A card of the part of an order that the conversation is about, or of another one between its buyer and its shop.
    OrderPartId(Id<orders::model::OrderPart>),
    /// A place on the earth.
    Place(PlaceAttachmentInput),
}

/// Which picture to send along.
#[derive(InputObject)]
pub struct ImageAttachmentInput {
    /// An upload of yours with the purpose `MESSAGE`, to which a file was sent.
    upload_id: Id<Upload>,
}

/// Which file to send along.
#[derive(InputObject)]
pub struct FileAttachmentInput {
    /// An upload of yours with the purpose `MESSAGE_FILE`, to which a file was sent. It goes into one message.
    upload_id: Id<Upload>,
    /// What it is called, 1 to 200 characters.
    name: String,
}

/// Which place to send along.
#[derive(InputObject)]
pub struct PlaceAttachmentInput {
    /// What it is called, 1 to 200 characters.
    name: String,
    /// In degrees, from -90 in the south to 90 in the north.
    latitude: f64,
    /// In degrees, from -180 in the west to 180 in the east.
    longitude: f64,
}

impl From<AttachmentInput> for AttachmentDraft {
    fn from(input: AttachmentInput) -> Self {
        match input {
            AttachmentInput::Image(ImageAttachmentInput { upload_id }) => Self::Image(upload_id),
            AttachmentInput::File(FileAttachmentInput { upload_id, name }) => Self::File { upload: upload_id, name },
            AttachmentInput::ProductId(product) => Self::Product(product),
            AttachmentInput::OrderPartId(part) => Self::Part(part.uuid()),
            AttachmentInput::Place(PlaceAttachmentInput { name, latitude, longitude }) => {
                Self::Place(Place { name, latitude, longitude })
            }
        }
    }
}
