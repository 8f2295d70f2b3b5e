//! The images of products on the wire.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};

use super::Product;
use crate::{
    kernel::id::Id,
    media::{
        graphql::Image,
        model::{Medium, Upload},
    },
    platform::gql::{Ask, SignedInOnly, WireResult},
    products::{
        model::{self, Shown},
        service::{self, MediaSource, WantedMedia},
    },
    user_errors::{UserError, answer},
};

/// An image of a product.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductMedia {
    /// The image.
    pub image: Image,
    /// What it shows, for those who do not see it: up to 500 characters; empty if the shop has not said.
    pub alternative_text: String,
}

impl From<Shown> for ProductMedia {
    fn from(Shown { medium, alternative_text }: Shown) -> Self {
        Self { image: medium.into(), alternative_text }
    }
}

/// Where an image comes from: exactly one of the fields.
#[derive(OneofObject)]
pub enum ProductMediaSourceInput {
    /// The id of an image that the product shows already.
    ImageId(Id<Medium>),
    /// An upload of yours with the purpose `PRODUCT`, to which a file was sent.
    UploadId(Id<Upload>),
}

/// An image that a product shall show.
#[derive(InputObject)]
pub struct ProductMediaInput {
    /// Which image.
    source: ProductMediaSourceInput,
    /// What it shows, for those who do not see it: up to 500 characters.
    #[graphql(default)]
    alternative_text: String,
}

impl From<ProductMediaInput> for WantedMedia {
    fn from(ProductMediaInput { source, alternative_text }: ProductMediaInput) -> Self {
        let source = match source {
            ProductMediaSourceInput::ImageId(image) => MediaSource::Image(image),
            ProductMediaSourceInput::UploadId(upload) => MediaSource::Upload(upload),
        };
        Self { source, alternative_text }
    }
}

/// Which images a product shall show.
#[derive(InputObject)]
pub struct SetProductMediaInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// The `version` of the product as it was read.
    expected_version: i32,
    /// All its images in their order, at most 30. One that is not among them goes, also from variants that show it.
    media: Vec<ProductMediaInput>,
}

/// What `setProductMedia` answers.
#[derive(SimpleObject)]
pub struct SetProductMediaPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProductMediaMutation;

#[Object]
impl ProductMediaMutation {
    /// Says which images a product shows, in which order, and what is on them. Owners and managers of its shop may.
    ///
    /// Codes: `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `UPLOAD_INCOMPLETE`, `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn set_product_media(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which images.")] input: SetProductMediaInput,
    ) -> WireResult<SetProductMediaPayload> {
        let SetProductMediaInput { product_id, expected_version, media } = input;
        let wanted = media.into_iter().map(Into::into).collect();
        let result = service::set_media(ctx.app(), ctx.caller(), product_id, expected_version, wanted).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(SetProductMediaPayload { product: product.map(Into::into), user_errors })
    }
}
