//! Uploads and images on the wire.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    model::{self, UploadPurpose},
    service::{self, CreateUpload},
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
        images::{Encoding, MAXIMUM_SIDE},
    },
    user_errors::{UserError, answer},
    users::{graphql::User, loaders::UserById, model::User as Person},
};

/// How an image is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Encoding")]
pub enum ImageFormat {
    /// With a little loss, for photos where WebP is not understood. What is transparent becomes white.
    Jpeg,
    /// Without loss, if it was kept so: of a photo without transparency you get JPEG instead.
    Png,
    /// With a little loss, and the smallest. Transparent where the image is.
    Webp,
}

/// An image, upright and in sRGB, without whatever else its file held. Nobody has to be signed in to fetch it. A picture in a message is
/// nobody's but theirs who see the message: `node` does not find it, and its URLs are good for a while.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Image {
    /// Begins with `image_`. An image never changes: another one has another id.
    pub id: Id<model::Medium>,
    /// In pixels, at most 4,096.
    width: i32,
    /// In pixels, at most 4,096.
    height: i32,
    /// A `ThumbHash` in base64: some 30 characters from which a client paints what is to come.
    placeholder: String,
    #[graphql(skip)]
    medium: model::Medium,
}

impl From<model::Medium> for Image {
    fn from(medium: model::Medium) -> Self {
        let (id, width, height) = (medium.id, medium.width, medium.height);
        Self { id, width, height, placeholder: STANDARD.encode(&medium.placeholder), medium }
    }
}

#[ComplexObject]
impl Image {
    /// Where it is to be fetched. What is there never changes, so it may be kept for ever; but of a picture in a message the URL is good for
    /// an hour at the least, for two at the most, and kept secret.
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many pixels wide it shall be at least, 1 to 4,096. It is as wide as the next of 64, 128, 256, 384, 512, 768, 1,024, \
                    1,536, 2,048 and 3,072, or as the image where that is not so wide. Left out: as the image."
        )]
        width: Option<i32>,
        #[graphql(desc = "How it shall be encoded.", default_with = "ImageFormat::Webp")] format: ImageFormat,
    ) -> WireResult<String> {
        let width = width
            .map(|width| u32::try_from(width).ok().filter(|width| (1..=MAXIMUM_SIDE).contains(width)))
            .map(|width| width.ok_or_else(|| Failure::BadUserInput(format!("`width` is from 1 to {MAXIMUM_SIDE}"))))
            .transpose()?;
        let shape = self.medium.shape(width, format.into());
        Ok(service::rendition_url(ctx.app(), &self.medium.rendition(shape)))
    }
}

/// The right to send one file.
#[derive(Debug, SimpleObject)]
pub struct Upload {
    /// Begins with `upload_`. Goes into the mutation that the file is for.
    id: Id<model::Upload>,
    /// Where to `PUT` the bytes of the file, and nothing else: no form, and no `Authorization`. Who has it may send the file,
    /// so it is kept secret. Until a file was taken it may be tried again.
    url: String,
    /// Until when a file can be sent.
    expires_at: Time,
}

/// What somebody wants to send.
#[derive(InputObject)]
pub struct CreateUploadInput {
    /// What it is for.
    purpose: UploadPurpose,
    /// How many bytes the file has, exactly.
    byte_size: i32,
    /// 1 to 255 characters that name this very intent, so that a repeat answers the same upload. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createUpload` answers.
#[derive(SimpleObject)]
pub struct CreateUploadPayload {
    /// Where to send the file.
    upload: Option<Upload>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which image shall be your picture.
#[derive(InputObject)]
pub struct SetAvatarInput {
    /// An upload of yours with the purpose `AVATAR`, to which a file was sent.
    upload_id: Id<model::Upload>,
}

/// What `setAvatar` answers.
#[derive(SimpleObject)]
pub struct SetAvatarPayload {
    /// You, as everybody sees you now.
    user: Option<User>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `removeAvatar` answers.
#[derive(SimpleObject)]
pub struct RemoveAvatarPayload {
    /// You, as everybody sees you now.
    user: Option<User>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people change about files.
#[derive(Default)]
pub struct MediaMutation;

#[Object]
impl MediaMutation {
    /// Lets you send a file: `PUT` it to the URL of the upload, then give the upload's id to the mutation that it is for. What no
    /// mutation was told of is deleted after a day. Twenty uploads may wait for their files at once, and a day's come to
    /// 1 GiB at the most, as they are announced and as they are kept. In all, so much of yours is kept as the operator says, where a file counts at
    /// least 64 KiB: beyond that it is `STORAGE_EXHAUSTED`, until you delete something.
    ///
    /// Codes: `IDEMPOTENCY_KEY_REUSED`, `OUT_OF_RANGE`, `STORAGE_EXHAUSTED`, `TOO_LARGE`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn create_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want to send.")] input: CreateUploadInput,
    ) -> WireResult<CreateUploadPayload> {
        let CreateUploadInput { purpose, byte_size, idempotency_key } = input;
        let input = CreateUpload { purpose, byte_size: byte_size.into() };
        let result = service::create_upload(ctx.app(), ctx.caller(), idempotency_key.as_deref(), input).await;
        let (created, user_errors) = answer(ctx, result).await?;
        let upload = created.map(|created| Upload {
            id: created.id,
            url: service::upload_url(ctx.app(), created.id),
            expires_at: created.expires_at,
        });
        Ok(CreateUploadPayload { upload, user_errors })
    }

    /// Makes an image that you have sent the picture that everybody sees of you.
    ///
    /// Codes: `NOT_FOUND`, `UPLOAD_INCOMPLETE`.
    #[graphql(guard = "SignedInOnly")]
    async fn set_avatar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which image.")] input: SetAvatarInput,
    ) -> WireResult<SetAvatarPayload> {
        let result = service::set_avatar(ctx.app(), ctx.caller(), input.upload_id).await;
        let (user, user_errors) = answer(ctx, result).await?;
        Ok(SetAvatarPayload { user: as_everybody_sees(ctx, user).await?, user_errors })
    }

    /// Takes your picture away. Without one it is as if it had been done.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn remove_avatar(&self, ctx: &Context<'_>) -> WireResult<RemoveAvatarPayload> {
        let (user, user_errors) = answer(ctx, service::remove_avatar(ctx.app(), ctx.caller()).await).await?;
        Ok(RemoveAvatarPayload { user: as_everybody_sees(ctx, user).await?, user_errors })
    }
}

async fn as_everybody_sees(ctx: &Context<'_>, user: Option<Id<Person>>) -> WireResult<Option<User>> {
    let Some(id) = user else { return Ok(None) };
    Ok(ctx.loader().load_one(UserById(id)).await?.map(Into::into))
}
