//! A place in the log, as clients keep it.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// A position in one epoch of the log. A restored database starts a new epoch, and old cursors lead to a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub epoch: Uuid,
    pub position: i64,
}

/// A text that is no cursor of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of the event log")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        let (epoch, position) = bytes.split_at_mut(16);
        epoch.copy_from_slice(self.epoch.as_bytes());
        position.copy_from_slice(&self.position.to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let (epoch, position) = bytes.split_first_chunk::<16>().ok_or(InvalidCursor)?;
        let position = i64::from_be_bytes(position.try_into().map_err(|_| InvalidCursor)?);
        if position < 0 {
            return Err(InvalidCursor);
        }
        Ok(Self { epoch: Uuid::from_bytes(*epoch), position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nothing_else_is() {
        let cursor = Cursor { epoch: Uuid::from_u128(7), position: 42 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "abc", &cursor.to_string()[1..], &format!("{cursor}AA"), "ÿ"] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text}");
        }
        assert_eq!(Cursor { epoch: Uuid::nil(), position: -1 }.to_string().parse::<Cursor>(), Err(InvalidCursor));
    }
}
