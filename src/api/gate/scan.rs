/// What a text amounts to before it is parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    pub tokens: u64,
    pub nesting: u64,
}

/// Invariant: brackets that the parser would see are never hidden here in a string or a comment,
/// so strings follow `async-graphql-parser`'s grammar where it departs from the specification.
/// Past a character that its grammar cannot read, what is counted no longer matters.
pub(super) fn scan(query: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let mut open: u64 = 0;
    let mut strings = Strings { block_may_close: true };
    let mut text = query.as_bytes();
    while let [first, rest @ ..] = text {
        text = match first {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => rest,
            b'#' => skip(rest, |byte| !matches!(byte, b'\r' | b'\n')),
            0xEF if text.starts_with(BYTE_ORDER_MARK) => skip_prefix(text, BYTE_ORDER_MARK),
            _ => {
                scanned.tokens += 1;
                match first {
                    b'{' | b'[' | b'(' => {
                        open += 1;
                        scanned.nesting = scanned.nesting.max(open);
                        rest
                    }
                    b'}' | b']' | b')' => {
                        open = open.saturating_sub(1);
                        rest
                    }
                    b'"' => strings.skip(text, rest),
                    b'.' => skip_prefix(text, b"..."),
                    b'-' | b'0'..=b'9' => skip_number(rest),
                    b'_' | b'a'..=b'z' | b'A'..=b'Z' => skip(rest, is_word),
                    _ => rest,
                }
            }
        };
    }
    scanned
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const BLOCK: &[u8] = b"\"\"\"";

struct Strings {
    /// Once a block string is found open to the end of the text, no later one can close. Without
    /// this memory each of them would read the rest of the text again.
    block_may_close: bool,
}

impl Strings {
    /// An unclosed block string is an empty string and the beginning of another one, to the
    /// parser.
    fn skip<'a>(&mut self, text: &'a [u8], after_quote: &'a [u8]) -> &'a [u8] {
        if self.block_may_close
            && let Some(content) = text.strip_prefix(BLOCK)
        {
            match skip_block(content) {
                Some(rest) => return rest,
                None => self.block_may_close = false,
            }
        }
        let mut text = after_quote;
        loop {
            text = match text {
                [b'"', rest @ ..] => return rest,
                [] | [b'\r' | b'\n', ..] => return text,
                [b'\\', _, rest @ ..] | [_, rest @ ..] => rest,
            };
        }
    }
}

fn skip_block(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        text = match text {
            [b'"', b'"', b'"', rest @ ..] => return Some(rest),
            [b'\\', b'"', b'"', b'"', rest @ ..] | [_, rest @ ..] => rest,
            [] => return None,
        };
    }
}

fn skip_number(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'.', digit, rest @ ..] if digit.is_ascii_digit() => rest,
            [b'+' | b'-', rest @ ..] => rest,
            [byte, rest @ ..] if is_word(*byte) => rest,
            _ => return text,
        };
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn skip(text: &[u8], within: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|byte| !within(*byte)).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

/// The text after `prefix`, or else after its first byte.
fn skip_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    text.strip_prefix(prefix).or_else(|| text.get(1..)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
