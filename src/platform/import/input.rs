//! The file that is read.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufRead, BufReader, Seek},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

use super::FileError;

/// A file, gzipped or not, that is read from its beginning once or several times, one pass after the other. On a terminal a bar
/// shows how far.
pub struct Input {
    /// What it is called in errors.
    path: PathBuf,
    file: File,
    progress: ProgressBar,
}

impl Input {
    /// A file that will be read `passes` times.
    ///
    /// # Errors
    /// If there is no such file.
    pub fn open(path: &Path, passes: u64) -> Result<Self, FileError> {
        let told = |error| of_file(path, error);
        let file = File::open(path).map_err(told)?;
        let length = file.metadata().map_err(told)?.len();
        // Hidden by itself where standard error is no terminal.
        let progress = ProgressBar::new(length.saturating_mul(passes));
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {elapsed}  {msg}") {
            progress.set_style(style);
        }
        Ok(Self { path: path.to_owned(), file, progress })
    }

    /// A file that somebody sent. Nobody sees a bar.
    pub fn sent(file: File) -> Self {
        Self { path: "the file".into(), file, progress: ProgressBar::hidden() }
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
        let file = self.rewound().map_err(|error| of_file(&self.path, error))?;
        let mut plain = BufReader::with_capacity(1 << 16, self.progress.wrap_read(file));
        let is_gzip = plain.fill_buf().map_err(|error| of_file(&self.path, error))?.starts_with(&[0x1f, 0x8b]);
        Ok(if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(plain))) } else { Box::new(plain) })
    }

    /// The names in the first line of a CSV file, without counting it as read.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn header(&self) -> Result<Vec<String>, FileError> {
        let file = self.rewound().map_err(|error| of_file(&self.path, error))?;
        let unseen = Self { path: self.path.clone(), file, progress: ProgressBar::hidden() };
        Ok(super::CsvRows::open(&unseen, "")?.header())
    }

    fn rewound(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }

    /// The error that reading a pass ended with.
    pub fn broken(&self, error: io::Error) -> FileError {
        of_file(&self.path, error)
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.progress.finish_and_clear();
    }
}

pub(super) fn of_file(path: &Path, error: io::Error) -> FileError {
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
