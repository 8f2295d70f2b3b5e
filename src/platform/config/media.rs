//! Options of what people upload.

use std::path::PathBuf;

use clap::Args;

use super::super::private_postgres::default_state_dir;

const MIB: u64 = 1024 * 1024;

/// The options as they were given.
#[derive(Debug, Clone, Args)]
pub struct MediaArgs {
    /// Where uploaded files are kept; several processes share one [default: `media` in the data folder]
    #[arg(long, env = "AGORA_MEDIA_DIR", global = true, value_name = "DIR")]
    pub media_dir: Option<PathBuf>,
    /// MiB that one upload may have, 1 to 1024
    #[arg(long, env = "AGORA_UPLOAD_LIMIT", global = true, default_value_t = 20, value_name = "MIB")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub upload_limit: u16,
}

/// How uploads are taken and kept.
#[derive(Debug, Clone)]
pub struct MediaSettings {
    /// The folder in which they are kept.
    pub folder: PathBuf,
    /// What one may have.
    pub upload_bytes: u64,
}

impl MediaArgs {
    /// The settings; `data_dir` is the folder of everything else that is kept.
    pub fn settings(&self, data_dir: Option<&PathBuf>) -> MediaSettings {
        let beside = || data_dir.cloned().unwrap_or_else(default_state_dir).join("media");
        MediaSettings {
            folder: self.media_dir.clone().unwrap_or_else(beside),
            upload_bytes: u64::from(self.upload_limit) * MIB,
        }
    }
}
