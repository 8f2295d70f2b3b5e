//! A row in our own columns, whether of a CSV or of an object of JSON.

use serde_json::{Map, Value};

use super::lists;
use crate::porting::model::ImageRecord;

/// The columns that a file may have. It must have `sku`.
pub const COLUMNS: [&str; 25] = [
    "product",
    "title",
    "description",
    "brand",
    "category",
    "tags",
    "status",
    "kind",
    "attributes",
    "images",
    "option1_name",
    "option2_name",
    "option3_name",
    "option1_value",
    "option2_value",
    "option3_value",
    "sku",
    "variant_title",
    "price",
    "compare_at_price",
    "currency",
    "quantity",
    "barcode",
    "weight_grams",
    "image",
];

/// What a row says in each of [`COLUMNS`]; none where the file has no such column.
#[derive(Debug, Clone, Default)]
pub struct Cells([Option<String>; 25]);

impl Cells {
    pub fn place(column: &str) -> Option<usize> {
        COLUMNS.iter().position(|known| *known == column)
    }

    pub fn set(&mut self, place: usize, cell: String) {
        if let Some(known) = self.0.get_mut(place) {
            *known = Some(cell);
        }
    }

    pub fn say(&mut self, column: &str, cell: String) {
        if let Some(place) = Self::place(column) {
            self.set(place, cell);
        }
    }

    /// What stands in a column; none where there is no such column.
    pub fn take(&mut self, column: &str) -> Option<String> {
        self.0.get_mut(Self::place(column)?)?.take()
    }

    /// As [`Cells::take`], and none where nothing stands there.
    pub fn given(&mut self, column: &str) -> Option<String> {
        self.take(column).filter(|cell| !cell.is_empty())
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|cell| cell.as_deref().unwrap_or_default())
    }

    /// What an object says as far as it can be read, and what is wrong with it.
    pub fn of_json(line: &[u8]) -> (Self, Result<(), &'static str>) {
        let (mut cells, mut outcome) = (Self::default(), Ok(()));
        let Ok(object) = serde_json::from_slice::<Map<String, Value>>(line) else {
            return (cells, Err("no JSON object"));
        };
        for (name, value) in object {
            match (Self::place(&name), cell(&name, value)) {
                (Some(place), Ok(Some(cell))) => cells.set(place, cell),
                (Some(_), Ok(None)) => {}
                (Some(_), Err(fault)) => outcome = outcome.and(Err(fault)),
                (None, _) => outcome = outcome.and(Err("a name that no column has")),
            }
        }
        (cells, outcome)
    }

    /// What is said, as an object.
    pub fn json(&self) -> Value {
        let list = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
        let value = |column: &str, cell: &str| match (column, cell) {
            ("tags", cell) => list(lists::tags(cell)),
            ("attributes", cell) => {
                let said = lists::attributes(cell).unwrap_or_default();
                Value::Object(said.into_iter().map(|(handle, value)| (handle, value.into())).collect())
            }
            ("images", cell) => Value::Array(lists::images(cell).iter().map(image_json).collect()),
            ("quantity" | "weight_grams", cell) => cell.parse::<i64>().map_or_else(|_| cell.into(), Value::from),
            (_, cell) => cell.into(),
        };
        let said = COLUMNS.iter().zip(&self.0).filter_map(|(column, cell)| Some((*column, cell.as_deref()?)));
        Value::Object(said.map(|(column, cell)| (column.to_owned(), value(column, cell))).collect())
    }
}

const NOT_PLAIN: &str = "a value that is neither text nor number, nor what its name asks for";

/// What stands for a value in a cell; nothing for null.
fn cell(name: &str, value: Value) -> Result<Option<String>, &'static str> {
    Ok(Some(match (name, value) {
        (_, Value::Null) => return Ok(None),
        (_, Value::String(text)) => text.trim().to_owned(),
        // The shortest digits that mean the same number.
        (_, Value::Number(number)) => number.to_string(),
        ("tags", Value::Array(tags)) => lists::tags_cell(&texts(&tags)?),
        ("category", Value::Array(path)) => texts(&path)?.join(lists::STEP),
        ("attributes", Value::Object(said)) => lists::attributes_cell(&pairs(&said)?),
        ("images", Value::Array(images)) => {
            lists::images_cell(&images.iter().map(image).collect::<Result<Vec<_>, _>>()?)
        }
        _ => return Err(NOT_PLAIN),
    }))
}

fn plain(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(is_true) => Ok(is_true.to_string()),
        _ => Err(NOT_PLAIN),
    }
}

fn texts(values: &[Value]) -> Result<Vec<String>, &'static str> {
    values.iter().map(plain).collect()
}

/// Each on one line, for they become lines.
fn pairs(said: &Map<String, Value>) -> Result<Vec<(String, String)>, &'static str> {
    let pair = |(handle, value): (&String, &Value)| Ok((handle.trim().to_owned(), one_line(&plain(value)?)));
    said.iter().map(pair).collect()
}

fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ")
}

fn image(value: &Value) -> Result<ImageRecord, &'static str> {
    let text = |name: &str| value.get(name).map(plain).transpose();
    match value {
        Value::String(url) => Ok(ImageRecord { url: one_line(url), alternative_text: String::new() }),
        Value::Object(_) => {
            let (url, alternative_text) =
                (text("url")?.ok_or(NOT_PLAIN)?, text("alternative_text")?.unwrap_or_default());
            Ok(ImageRecord { url: one_line(&url), alternative_text: one_line(&alternative_text) })
        }
        _ => Err(NOT_PLAIN),
    }
}

fn image_json(image: &ImageRecord) -> Value {
    serde_json::json!({ "url": image.url, "alternative_text": image.alternative_text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_the_columns_as_names() {
        let (mut cells, outcome) = Cells::of_json(
            br#"{"sku": " A ", "price": 12.50, "quantity": 3, "title": null, "tags": ["a, b", "c"],
                "attributes": {"cloth": "Linen", "pieces": 3, "is-new": true}, "category": ["Home", "Mugs"],
                "images": ["https://a.example/1", {"url": "https://a.example/2", "alternative_text": "Two"}]}"#,
        );
        assert_eq!(outcome, Ok(()));
        for (column, cell) in [
            ("sku", Some("A")),
            ("price", Some("12.5")),
            ("quantity", Some("3")),
            ("title", None),
            ("tags", Some("a\\, b, c")),
            ("attributes", Some("cloth=Linen\nis-new=true\npieces=3")),
            ("category", Some("Home > Mugs")),
            ("images", Some("https://a.example/1\nhttps://a.example/2 Two")),
        ] {
            assert_eq!(cells.take(column).as_deref(), cell, "{column}");
        }
        let fault = |line: &[u8]| Cells::of_json(line).1.unwrap_err();
        assert_eq!(fault(b"[]"), "no JSON object");
        assert_eq!(fault(br#"{"sku": ["A"]}"#), NOT_PLAIN);
        assert_eq!(fault(br#"{"SKU": "A"}"#), "a name that no column has");
    }
}
