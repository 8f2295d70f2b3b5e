//! Descriptions in HTML, which become plain text and come back as paragraphs.

use crate::kernel::text::escape_html;

/// The text of a piece of HTML: paragraphs with an empty line between them, items of lists with a dash. What is to be read
/// by nobody (styles, scripts, comments) is left out, and so are control characters.
pub fn to_text(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(place) = rest.find(['<', '&']) {
        let (before, marked) = rest.split_at(place);
        text.words(before);
        rest = if marked.starts_with('&') { entity(&mut text, marked) } else { tag(&mut text, marked) };
    }
    text.words(rest);
    text.written
}

/// Paragraphs of a text in HTML. Reading it again yields the text, with its white space in order.
pub fn from_text(text: &str) -> String {
    let mut paragraphs: Vec<Vec<String>> = vec![Vec::new()];
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        match paragraphs.last_mut() {
            Some(paragraph) if !line.is_empty() => paragraph.push(escape_html(&line)),
            Some(paragraph) if !paragraph.is_empty() => paragraphs.push(Vec::new()),
            _ => {}
        }
    }
    let written = paragraphs.iter().filter(|lines| !lines.is_empty());
    written.map(|lines| format!("<p>{}</p>", lines.join("<br>"))).collect::<Vec<_>>().join("\n")
}

/// What is written so far, and what stands between it and the next word.
#[derive(Default)]
struct Text {
    written: String,
    gap: Gap,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Nothing,
    Space,
    Line,
    Paragraph,
}

impl Text {
    fn words(&mut self, text: &str) {
        for letter in text.chars() {
            if letter.is_whitespace() {
                self.part(Gap::Space);
            } else if !letter.is_control() && !matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
                self.letter(letter);
            }
        }
    }

    fn letter(&mut self, letter: char) {
        if !self.written.is_empty() {
            self.written.push_str(match self.gap {
                Gap::Nothing => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.gap = Gap::Nothing;
        self.written.push(letter);
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }
}

/// Reads what begins with `&`; what comes after it.
fn entity<'a>(text: &mut Text, marked: &'a str) -> &'a str {
    let end =
        marked.char_indices().skip(1).take(32).find(|(_, letter)| !letter.is_ascii_alphanumeric() && *letter != '#');
    let named = end.filter(|(_, letter)| *letter == ';').and_then(|(end, _)| Some((marked.get(1..end)?, end + 1)));
    if let Some((character, rest)) = named.and_then(|(name, after)| Some((character(name)?, marked.get(after..)?))) {
        text.words(character.encode_utf8(&mut [0; 4]));
        rest
    } else {
        text.letter('&');
        marked.get(1..).unwrap_or_default()
    }
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
        return code.ok().and_then(char::from_u32);
    }
    let known = ENTITIES.iter().find(|(known, _)| *known == name);
    known.map(|(_, character)| *character)
}

/// Those that texts of shops use.
const ENTITIES: [(&str, char); 66] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("deg", '°'),
    ("plusmn", '±'),
    ("times", '×'),
    ("divide", '÷'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("micro", 'µ'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("euro", '€'),
    ("pound", '£'),
    ("cent", '¢'),
    ("yen", '¥'),
    ("sect", '§'),
    ("para", '¶'),
    ("szlig", 'ß'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("aacute", 'á'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("iacute", 'í'),
    ("ntilde", 'ñ'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("oslash", 'ø'),
    ("uacute", 'ú'),
    ("ugrave", 'ù'),
    ("rarr", '→'),
];

/// Reads what begins with `<`; what comes after it.
fn tag<'a>(text: &mut Text, marked: &'a str) -> &'a str {
    let inside = marked.get(1..).unwrap_or_default();
    if let Some(comment) = inside.strip_prefix("!--") {
        return comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
    }
    if !inside.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '/' | '!' | '?')) {
        text.letter('<');
        return inside;
    }
    let end = end_of_tag(inside);
    let rest = inside.get(end + 1..).unwrap_or_default();
    let is_closing = inside.starts_with('/');
    let name = inside.trim_start_matches('/');
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).take(16).collect();
    match name.to_ascii_lowercase().as_str() {
        unread @ ("script" | "style" | "template" | "iframe" | "title") if !is_closing => return after(rest, unread),
        "br" | "tr" | "dt" | "dd" | "figcaption" => text.part(Gap::Line),
        "td" | "th" => text.part(Gap::Space),
        "li" => {
            text.part(Gap::Line);
            if !is_closing {
                text.letter('-');
                text.part(Gap::Space);
            }
        }
        "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "table" | "blockquote"
        | "section" | "article" | "header" | "footer" | "hr" | "pre" | "figure" => text.part(Gap::Paragraph),
        _ => {}
    }
    rest
}

/// Where the tag ends: a `>` in quotes does not end it.
fn end_of_tag(inside: &str) -> usize {
    let mut quote = None;
    for (place, letter) in inside.char_indices() {
        match (quote, letter) {
            (None, '>') => return place,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    // A quote that nothing closes is none.
    inside.find('>').unwrap_or(inside.len())
}

/// What comes after the end of an element that nobody reads.
fn after<'a>(rest: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let found = rest.as_bytes().windows(closing.len()).position(|bytes| bytes.eq_ignore_ascii_case(closing.as_bytes()));
    let tail = found.and_then(|place| rest.get(place + closing.len()..)).unwrap_or_default();
    tail.find('>').and_then(|end| tail.get(end + 1..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn html_reads_as_people_see_it() {
        for (html, text) in [
            ("Plain  text\n", "Plain text"),
            ("<p>One<br/>two</p>\n<p>Three</p>", "One\ntwo\n\nThree"),
            ("<ul>\n <li>a</li><LI class='x>y'>b</li></ul><p>after</p>", "- a\n- b\n\nafter"),
            ("<style>p{color:red}</style><!-- no --><b>B</b>old &amp; <i>bright</i>", "Bold & bright"),
            ("5 &lt; 6 &#8364;&#x20AC; &nbsp; caf&eacute; &unknown; AT&T < x", "5 < 6 €€ café &unknown; AT&T < x"),
            ("<h2>Size</h2><table><tr><td>S</td><td>M</td></tr><tr><td>1</td></tr></table>", "Size\n\nS M\n1"),
            ("<script>if (a<b) {}</SCRIPT >x<a href=\"#\">y</a>\u{0}\u{202e}", "xy"),
            ("<p>never closed", "never closed"),
            ("<p title=\"broken>text", "text"),
            ("&lt;b&gt;not a tag", "<b>not a tag"),
            ("", ""),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn text_becomes_paragraphs() {
        assert_eq!(from_text("One\ntwo  <3\n\n\n\nThree & four\n"), "<p>One<br>two &lt;3</p>\n<p>Three &amp; four</p>");
        assert_eq!(from_text(" \n"), "");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_written_again(text in "[a-z<>&;'\" \\-\n]{0,60}|\\PC{0,40}") {
            let html = from_text(&text);
            let read = to_text(&html);
            prop_assert_eq!(from_text(&read), html);
        }

        #[test]
        fn whatever_is_read_ends(html in "\\PC{0,80}|[<>&;/!a-z\"' -]{0,80}") {
            to_text(&html);
        }
    }
}
