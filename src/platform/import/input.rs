//! The file that is read.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

use super::FileError;

/// A file, gzipped or not, that is read from its beginning once or several times. On a terminal a bar shows how far.
pub struct Input {
    path: PathBuf,
    progress: ProgressBar,
}

impl Input {
    /// A file that will be read `passes` times.
    ///
    /// # Errors
    /// If there is no such file.
    pub fn open(path: &Path, passes: u64) -> Result<Self, FileError> {
        let length = File::open(path).and_then(|file| file.metadata()).map_err(|error| io(path, error))?.len();
        // Hidden by itself where standard error is no terminal.
        let progress = ProgressBar::new(length.saturating_mul(passes));
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {elapsed}  {msg}") {
            progress.set_style(style);
        }
        Ok(Self { path: path.to_owned(), progress })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads from the beginning; `doing` says on the bar what for. Whether the file is gzipped is seen by its first bytes.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn pass(&self, doing: &'static str) -> Result<Box<dyn BufRead + Send>, FileError> {
        self.progress.set_message(doing);
        let file = File::open(&self.path).map_err(|error| io(&self.path, error))?;
        let mut plain = BufReader::with_capacity(1 << 16, self.progress.wrap_read(file));
        let is_gzip = plain.fill_buf().map_err(|error| io(&self.path, error))?.starts_with(&[0x1f, 0x8b]);
        Ok(if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(plain))) } else { Box::new(plain) })
    }

    /// The error that reading a pass ended with.
    pub fn broken(&self, error: std::io::Error) -> FileError {
        io(&self.path, error)
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.progress.finish_and_clear();
    }
}

pub(super) fn io(path: &Path, error: std::io::Error) -> FileError {
    FileError::Io { path: path.to_owned(), error }
}

/// A text in UTF-8, or in Latin-1 where it is not UTF-8. White space at its ends is cut off.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes.trim_ascii()) {
        Ok(text) => text.trim().into(),
        Err(_) => bytes.trim_ascii().iter().copied().map(char::from).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn a_gzipped_file_reads_as_the_plain_one_as_often_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("a.csv"), folder.path().join("b.csv"));
        std::fs::write(&plain, "a,b\n1,2\n").unwrap();
        let mut encoder = GzEncoder::new(File::create(&packed).unwrap(), Compression::best());
        encoder.write_all(b"a,b\n1,2\n").unwrap();
        encoder.finish().unwrap();
        for path in [plain, packed] {
            let input = Input::open(&path, 2).unwrap();
            for _ in 0..2 {
                let mut text = String::new();
                input.pass("reading").unwrap().read_to_string(&mut text).unwrap();
                assert_eq!(text, "a,b\n1,2\n", "{}", path.display());
            }
        }
        assert!(matches!(Input::open(&folder.path().join("c"), 1), Err(FileError::Io { .. })));
    }

    #[test]
    fn text_is_utf_8_or_else_latin_1() {
        assert_eq!(text(b" 40 \xc2\xa3 "), "40 £");
        assert_eq!(text(b" 40 \xa3 "), "40 £");
    }
}
