//! Lists in one cell.

use crate::porting::model::ImageRecord;

/// Between the names of a category's path.
pub const STEP: &str = " > ";

/// Tags stand between commas. A comma of a tag's own has a backslash before it.
pub fn tags(cell: &str) -> Vec<String> {
    let mut tags = vec![String::new()];
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        let kept = match letter {
            ',' => {
                tags.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        if let Some(tag) = tags.last_mut() {
            tag.push(kept);
        }
    }
    tags.into_iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

pub fn tags_cell(tags: &[String]) -> String {
    let escaped = |tag: &String| tag.replace('\\', "\\\\").replace(',', "\\,");
    tags.iter().map(escaped).collect::<Vec<_>>().join(", ")
}

/// Names from the top.
pub fn path(cell: &str) -> Vec<String> {
    cell.split(STEP).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Attributes stand in lines, as `handle=value`.
///
/// # Errors
/// If a line does not.
pub fn attributes(cell: &str) -> Result<Vec<(String, String)>, &'static str> {
    let lines = cell.lines().map(str::trim).filter(|line| !line.is_empty());
    let pair = |line: &str| line.split_once('=').map(|(handle, value)| (handle.trim().into(), value.trim().into()));
    lines.map(pair).collect::<Option<_>>().ok_or("attributes: each line is HANDLE=VALUE")
}

pub fn attributes_cell(attributes: &[(String, String)]) -> String {
    attributes.iter().map(|(handle, value)| format!("{handle}={value}")).collect::<Vec<_>>().join("\n")
}

/// Images stand in lines: a URL, a space, and the alternative text if there is one.
pub fn images(cell: &str) -> Vec<ImageRecord> {
    let lines = cell.lines().map(str::trim).filter(|line| !line.is_empty());
    let image = |line: &str| {
        let (url, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        ImageRecord { url: url.to_owned(), alternative_text: text.trim().to_owned() }
    };
    lines.map(image).collect()
}

pub fn images_cell(images: &[ImageRecord]) -> String {
    let line = |image: &ImageRecord| format!("{} {}", image.url, image.alternative_text).trim_end().to_owned();
    images.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_may_hold_commas_and_backslashes() {
        assert_eq!(tags("red, dark blue,,\\, "), ["red", "dark blue", ","]);
        let hard: Vec<String> = ["a, b", "c\\", "d"].map(Into::into).to_vec();
        assert_eq!(tags(&tags_cell(&hard)), hard);
        assert_eq!(tags(""), Vec::<String>::new());
    }

    #[test]
    fn attributes_and_images_stand_in_lines() {
        let said = attributes("cloth = Linen\r\nnote=a=b\n\n").unwrap();
        assert_eq!(said, [("cloth".into(), "Linen".into()), ("note".into(), "a=b".into())]);
        assert_eq!(attributes(&attributes_cell(&said)), Ok(said));
        assert!(attributes("cloth").is_err());
        let shown = images("https://a.example/1.jpg A red mug\nhttps://a.example/2.jpg");
        assert_eq!(shown.iter().map(|image| image.alternative_text.as_str()).collect::<Vec<_>>(), ["A red mug", ""]);
        assert_eq!(images(&images_cell(&shown)), shown);
    }
}
