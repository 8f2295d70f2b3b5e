//! Options of what people upload.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use super::{super::private_postgres::default_state_dir, ConfigError, secret};

const MIB: u64 = 1024 * 1024;
const GIB: i64 = 1024 * 1024 * 1024;

/// The options as they were given.
#[derive(Debug, Clone, Args)]
pub struct MediaArgs {
    /// Where uploaded files are kept, or pass through on their way to a bucket [default: `media` in the data folder]
    #[arg(long, env = "AGORA_MEDIA_DIR", global = true, value_name = "DIR")]
    pub media_dir: Option<PathBuf>,
    /// MiB that one upload may have, 1 to 1024
    #[arg(long, env = "AGORA_UPLOAD_LIMIT", global = true, default_value_t = 20, value_name = "MIB")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub upload_limit: u16,
    /// GiB that are kept of what one person has sent, 1 to 1000000
    #[arg(long, env = "AGORA_UPLOAD_QUOTA", global = true, default_value_t = 20, value_name = "GIB")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub upload_quota: u32,
    /// The bucket in which uploaded files are kept [default: none; they are in a folder]
    #[arg(long, env = "AGORA_S3_BUCKET", global = true, value_name = "NAME")]
    pub s3_bucket: Option<String>,
    /// Where the bucket's server is, such as `https://s3.example` [default: Amazon's of the region]
    #[arg(long, env = "AGORA_S3_ENDPOINT", global = true, value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// The region of the bucket
    #[arg(long, env = "AGORA_S3_REGION", global = true, default_value = "us-east-1", value_name = "NAME")]
    pub s3_region: String,
    /// Who reads and writes the bucket
    #[arg(long, env = "AGORA_S3_ACCESS_KEY_ID", global = true, value_name = "ID")]
    pub s3_access_key_id: Option<String>,
    /// The secret of whoever does
    #[arg(long, env = "AGORA_S3_SECRET_ACCESS_KEY", global = true, hide_env_values = true, value_name = "SECRET")]
    pub s3_secret_access_key: Option<SecretString>,
    /// A file that holds it
    #[arg(long, env = "AGORA_S3_SECRET_ACCESS_KEY_FILE", global = true, value_name = "FILE")]
    pub s3_secret_access_key_file: Option<PathBuf>,
}

/// A bucket, and who may use it.
#[derive(Debug, Clone)]
pub struct BucketSettings {
    pub name: String,
    /// None: Amazon's of the region.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
}

/// How uploads are taken and kept.
#[derive(Debug, Clone)]
pub struct MediaSettings {
    /// The folder in which they are kept, or lie on their way to the bucket.
    pub folder: PathBuf,
    pub bucket: Option<BucketSettings>,
    /// What one may have.
    pub upload_bytes: u64,
    /// Bytes that are kept of one person's.
    pub upload_quota: i64,
}

impl MediaArgs {
    /// The settings; `data_dir` is the folder of everything else that is kept.
    ///
    /// # Errors
    /// If a bucket is named and its keys are not.
    pub fn settings(&self, data_dir: Option<&PathBuf>) -> Result<MediaSettings, ConfigError> {
        let beside = || data_dir.cloned().unwrap_or_else(default_state_dir).join("media");
        Ok(MediaSettings {
            folder: self.media_dir.clone().unwrap_or_else(beside),
            bucket: self.s3_bucket.as_ref().map(|name| self.bucket(name)).transpose()?,
            upload_bytes: u64::from(self.upload_limit) * MIB,
            upload_quota: i64::from(self.upload_quota) * GIB,
        })
    }

    fn bucket(&self, name: &str) -> Result<BucketSettings, ConfigError> {
        let missing = |option, env| ConfigError::Missing { option, env, reason: "what --s3-bucket is used with" };
        let (value, file) = (self.s3_secret_access_key.as_ref(), self.s3_secret_access_key_file.as_ref());
        let access_key_id = self.s3_access_key_id.clone();
        Ok(BucketSettings {
            name: name.to_owned(),
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            access_key_id: access_key_id.ok_or_else(|| missing("--s3-access-key-id", "AGORA_S3_ACCESS_KEY_ID"))?,
            secret_access_key: secret("--s3-secret-access-key", value, file)?
                .ok_or_else(|| missing("--s3-secret-access-key", "AGORA_S3_SECRET_ACCESS_KEY"))?,
        })
    }
}
