//! Where files are kept: in a folder, or in a bucket of whoever speaks S3.
//!
//! A file is there as a whole or not at all, and it is there for good once [`Storage::put`] says so. Names are made here,
//! never by clients.

use std::{
    error::Error,
    fs::{self, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, buffered::BufWriter, local::LocalFileSystem, path::Path as Name};

use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::config::{BucketSettings, MediaSettings};
use crate::kernel::error::Failure;

/// How long one step of the storage may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes of a large file that are read at once.
const READ_AT_ONCE: usize = 1024 * 1024;

/// Why the storage did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the storage is full")]
    Full,
    #[error("the storage took too long")]
    Timeout,
    #[error("a bucket needs a build with the cargo feature `s3`")]
    NoBuckets,
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Failed(error.into()) }
    }
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Failed(error.into()) }
    }
}

/// A storage that is away comes back, and one that is full is mended by the operator: clients try again, and the log has
/// the cause.
impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        tracing::error!(cause = %error, "the storage of media fails");
        Self::Unavailable
    }
}

/// Whether anything in the chain of causes is a full disk or a spent quota.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
        || error.source().is_some_and(is_full)
}

/// A file that is there.
pub struct Stored {
    pub size: u64,
    pub bytes: BoxStream<'static, Result<Bytes, StorageError>>,
}

impl Stored {
    /// All of it.
    ///
    /// # Errors
    /// If the storage fails on the way.
    pub async fn read(self) -> Result<Vec<u8>, StorageError> {
        let all = self.bytes.try_fold(Vec::new(), |mut all, bytes| async move {
            all.extend_from_slice(&bytes);
            Ok(all)
        });
        bounded(all).await
    }
}

/// Files by name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Where files are kept, or lie on their way to the bucket.
    folder: PathBuf,
    /// Of the folder, as soon as it is there.
    local: Arc<OnceLock<Arc<dyn ObjectStore>>>,
    bucket: Option<Arc<dyn ObjectStore>>,
}

impl Storage {
    /// In a folder, which is made when it is first needed, or in a bucket.
    ///
    /// # Errors
    /// If this build knows no buckets, or the bucket's address is malformed.
    pub fn open(settings: &MediaSettings) -> Result<Self, StorageError> {
        let bucket = settings.bucket.as_ref().map(opened).transpose()?;
        Ok(Self { folder: settings.folder.clone(), local: Arc::default(), bucket })
    }

    /// Finds out whether files can be kept.
    ///
    /// # Errors
    /// If not.
    pub async fn check(&self) -> Result<(), StorageError> {
        self.spool().await?;
        if self.bucket.is_some() { self.put(CHECK, Vec::new()).await } else { Ok(()) }
    }

    /// A file without a name, gone when it is closed, for what is on its way in.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn spool(&self) -> Result<File, StorageError> {
        let path = self.folder.clone();
        let made = tokio::task::spawn_blocking(move || {
            make(&path)?;
            tempfile::tempfile_in(&path)
        });
        Ok(made.await.map_err(io::Error::other)??)
    }

    /// Keeps a file. One of the same name is replaced.
    ///
    /// # Errors
    /// [`StorageError`]; then it is not there, or as it was before.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), StorageError> {
        let (store, name) = (self.store().await?, Name::parse(name).map_err(object_store::Error::from)?);
        bounded(async { Ok(store.put(&name, bytes.into()).await?) }).await.map(drop)
    }

    /// Keeps what is in a file from where it stands. However large it is, little of it is in memory.
    ///
    /// # Errors
    /// [`StorageError`]; then it is not there, or as it was before.
    pub async fn put_file(&self, name: &str, file: File) -> Result<(), StorageError> {
        let (store, name) = (self.store().await?, Name::parse(name).map_err(object_store::Error::from)?);
        let mut kept = BufWriter::new(store, name);
        let put = copy(tokio::fs::File::from_std(file), &mut kept).await;
        if put.is_err() {
            // What a bucket has of it is thrown away, as far as the bucket can be reached.
            let _ = bounded(async { Ok(kept.abort().await?) }).await;
        }
        put
    }

    /// A file; none if there is none of this name.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn get(&self, name: &str) -> Result<Option<Stored>, StorageError> {
        let (store, name) = (self.store().await?, Name::parse(name).map_err(object_store::Error::from)?);
        match bounded(async { Ok(store.get(&name).await) }).await? {
            Ok(found) => {
                let size = found.meta.size;
                Ok(Some(Stored { size, bytes: found.into_stream().map_err(StorageError::from).boxed() }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A copy of a file, without a name and from its beginning; none if there is none of this name.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn copied(&self, name: &str) -> Result<Option<File>, StorageError> {
        let Some(mut stored) = self.get(name).await? else { return Ok(None) };
        let mut copy = tokio::fs::File::from_std(self.spool().await?);
        while let Some(bytes) = bounded(async { stored.bytes.next().await.transpose() }).await? {
            copy.write_all(&bytes).await?;
        }
        copy.flush().await?;
        copy.rewind().await?;
        Ok(Some(copy.into_std().await))
    }

    /// Deletes a folder of files, and what was left half-written in it. There may be none.
    ///
    /// # Errors
    /// If the storage fails; then some may be left.
    pub async fn delete_folder(&self, name: &str) -> Result<(), StorageError> {
        if let Some(bucket) = &self.bucket {
            let prefix = Name::parse(name).map_err(object_store::Error::from)?;
            let files = bucket.list(Some(&prefix)).map_ok(|file| file.location).boxed();
            return bounded(async { Ok(bucket.delete_stream(files).try_collect::<Vec<_>>().await?) }).await.map(drop);
        }
        match bounded(async { Ok(tokio::fs::remove_dir_all(self.folder.join(name)).await) }).await? {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn store(&self) -> Result<Arc<dyn ObjectStore>, StorageError> {
        if let Some(store) = self.bucket.as_ref().or_else(|| self.local.get()) {
            return Ok(Arc::clone(store));
        }
        let path = self.folder.clone();
        let made = tokio::task::spawn_blocking(move || {
            make(&path)?;
            Ok::<_, StorageError>(LocalFileSystem::new_with_prefix(&path)?.with_fsync(true))
        });
        let local: Arc<dyn ObjectStore> = Arc::new(made.await.map_err(io::Error::other)??);
        Ok(Arc::clone(self.local.get_or_init(|| local)))
    }
}

/// The object by which it is found out whether a bucket takes files.
const CHECK: &str = "check";

#[cfg(feature = "s3")]
fn opened(settings: &BucketSettings) -> Result<Arc<dyn ObjectStore>, StorageError> {
    use object_store::{ClientOptions, RetryConfig, aws::AmazonS3Builder};
    use secrecy::ExposeSecret;
    let BucketSettings { name, endpoint, region, access_key_id, secret_access_key } = settings;
    let is_plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(region)
        .with_access_key_id(access_key_id)
        .with_secret_access_key(secret_access_key.expose_secret())
        .with_retry(RetryConfig { max_retries: 3, retry_timeout: PATIENCE / 3, ..RetryConfig::default() })
        .with_client_options(ClientOptions::new().with_timeout(PATIENCE).with_allow_http(is_plain));
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    Ok(Arc::new(builder.build()?))
}

#[cfg(not(feature = "s3"))]
fn opened(_: &BucketSettings) -> Result<Arc<dyn ObjectStore>, StorageError> {
    Err(StorageError::NoBuckets)
}

async fn copy(mut from: tokio::fs::File, to: &mut BufWriter) -> Result<(), StorageError> {
    loop {
        let mut bytes = BytesMut::with_capacity(READ_AT_ONCE);
        if bounded(async { Ok(from.read_buf(&mut bytes).await?) }).await? == 0 {
            return bounded(async { Ok(to.shutdown().await?) }).await;
        }
        bounded(async { Ok(to.put(bytes.freeze()).await?) }).await?;
    }
}

/// Sees to it that a folder is there, which nobody else looks into.
fn make(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

async fn bounded<T>(step: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
    tokio::time::timeout(PATIENCE, step).await.unwrap_or(Err(StorageError::Timeout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_there_until_its_folder_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            MediaSettings { folder: folder.path().join("deep/media"), bucket: None, upload_bytes: 0, upload_quota: 0 };
        let storage = Storage::open(&settings).unwrap();
        assert!(storage.get("images/a/1").await.unwrap().is_none());
        for bytes in [b"one".to_vec(), b"three".to_vec()] {
            storage.put("images/a/1", bytes.clone()).await.unwrap();
            let found = storage.get("images/a/1").await.unwrap().unwrap();
            assert_eq!((found.size, found.read().await.unwrap()), (bytes.len() as u64, bytes));
        }
        storage.put("images/b/1", b"other".to_vec()).await.unwrap();
        // What a process that died was writing.
        std::fs::write(folder.path().join("deep/media/images/a/2#1"), "half").unwrap();
        for _ in 0..2 {
            storage.delete_folder("images/a").await.unwrap();
            assert!(storage.get("images/a/1").await.unwrap().is_none());
        }
        assert!(!folder.path().join("deep/media/images/a").exists());
        assert!(storage.get("images/b/1").await.unwrap().is_some());
        // In parts, as it is larger than one.
        let large: Vec<u8> = (0..=250_u8).cycle().take(25_000_000).collect();
        let mut file = storage.spool().await.unwrap();
        std::io::Write::write_all(&mut file, &large).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        storage.put_file("images/c/1", file).await.unwrap();
        let found = storage.get("images/c/1").await.unwrap().unwrap();
        assert!(found.read().await.unwrap() == large);
        storage.spool().await.unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path().join("deep/media")).unwrap().collect();
        assert_eq!(left.len(), 1, "what is on its way has no name");
    }

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(StorageError::from(full()), StorageError::Full));
        let wrapped = object_store::Error::Generic { store: "test", source: Box::new(full()) };
        assert!(matches!(StorageError::from(wrapped), StorageError::Full));
        let broken = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(StorageError::from(broken), StorageError::Failed(_)));
    }
}
