//! The rows of a file of products, in CSV or JSONL.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use crate::platform::import::{CsvRows, FileError, Input};

/// The columns that a file may have. It must have `sku`.
pub const COLUMNS: [&str; 10] =
    ["sku", "title", "description", "category", "price", "currency", "quantity", "product", "variant_title", "status"];
const COLUMN_NAMES: &str =
    "sku and, in any order, title,description,category,price,currency,quantity,product,variant_title,status";

/// Bytes of one line of JSON at the most.
const MAXIMUM_LINE: u64 = 1 << 20;

/// What a row says in each of [`COLUMNS`]; none where the file has no such column.
pub type Cells = [Option<String>; 10];

/// A row as it stands in the file. Its cells, or why it has none.
pub struct Given {
    /// Its line in the file, from 1.
    pub number: u64,
    pub cells: Result<Cells, &'static str>,
    /// What goes into the file of rejects.
    pub fields: Vec<Vec<u8>>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Jsonl,
}

impl Format {
    /// By the end of the file's name, before a `.gz`.
    pub fn of(path: &std::path::Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// The rows of a file, one at a time.
pub enum Rows<'a> {
    /// With the place in [`COLUMNS`] of each of the file's columns.
    Csv {
        rows: CsvRows<'a>,
        places: Vec<usize>,
    },
    Jsonl {
        input: &'a Input,
        lines: Box<dyn BufRead + Send>,
        number: u64,
    },
}

impl<'a> Rows<'a> {
    /// # Errors
    /// If the file cannot be read, or its columns are not among [`COLUMNS`].
    pub fn open(input: &'a Input, format: Format) -> Result<Self, FileError> {
        const DOING: &str = "writing products";
        if format == Format::Jsonl {
            return Ok(Self::Jsonl { input, lines: input.pass(DOING)?, number: 0 });
        }
        let rows = CsvRows::open(input, DOING)?;
        let place = |name: &String| COLUMNS.iter().position(|column| column == name);
        let places: Option<Vec<usize>> = rows.header().iter().map(place).collect();
        let is_each_once = |places: &Vec<usize>| {
            places.contains(&0) && places.iter().collect::<std::collections::BTreeSet<_>>().len() == places.len()
        };
        match places.filter(is_each_once) {
            Some(places) => Ok(Self::Csv { rows, places }),
            None => Err(FileError::Columns { path: input.path().to_owned(), expected: COLUMN_NAMES }),
        }
    }

    /// The columns of the file of rejects.
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Csv { rows, .. } => rows.header(),
            Self::Jsonl { .. } => vec!["row".into()],
        }
    }

    /// # Errors
    /// If the file cannot be read to its end.
    pub fn read(&mut self) -> Result<Option<Given>, FileError> {
        match self {
            Self::Csv { rows, places } => {
                let Some((number, record)) = rows.read()? else { return Ok(None) };
                let fields: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
                let mut cells = Cells::default();
                for (place, field) in places.iter().zip(&record) {
                    if let Some(cell) = cells.get_mut(*place) {
                        *cell = Some(crate::platform::import::text(field).into_owned());
                    }
                }
                let has_all = fields.len() == places.len();
                Ok(Some(Given {
                    number,
                    cells: if has_all { Ok(cells) } else { Err("not as many cells as columns") },
                    fields,
                }))
            }
            Self::Jsonl { input, lines, number } => loop {
                let mut line = Vec::new();
                let read = lines.by_ref().take(MAXIMUM_LINE).read_until(b'\n', &mut line);
                if read.map_err(|error| input.broken(error))? == 0 {
                    return Ok(None);
                }
                *number += 1;
                let is_whole = line.ends_with(b"\n") || u64::try_from(line.len()).is_ok_and(|read| read < MAXIMUM_LINE);
                if !is_whole {
                    lines.skip_until(b'\n').map_err(|error| input.broken(error))?;
                }
                if line.trim_ascii().is_empty() {
                    continue;
                }
                let cells = if is_whole { object(&line) } else { Err("a line of more than 1 MiB") };
                line.truncate(line.trim_ascii_end().len());
                return Ok(Some(Given { number: *number, cells, fields: vec![line] }));
            },
        }
    }
}

fn object(line: &[u8]) -> Result<Cells, &'static str> {
    let object: Map<String, Value> = serde_json::from_slice(line).map_err(|_| "no JSON object")?;
    let mut cells = Cells::default();
    for (name, value) in object {
        let place = COLUMNS.iter().position(|column| *column == name);
        let cell = place.and_then(|place| cells.get_mut(place)).ok_or("a name that no column has")?;
        *cell = match value {
            Value::Null => None,
            Value::String(text) => Some(text.trim().to_owned()),
            // The shortest digits that mean the same number.
            Value::Number(number) => Some(number.to_string()),
            _ => return Err("a value that is neither text nor number"),
        };
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_the_name() {
        let format = |name: &str| Format::of(std::path::Path::new(name));
        assert_eq!(format("a/b.CSV"), Some(Format::Csv));
        assert_eq!(format("b.csv.gz"), Some(Format::Csv));
        assert_eq!(format("b.jsonl.gz"), Some(Format::Jsonl));
        assert_eq!((format("b.xlsx"), format("b.gz"), format("csv")), (None, None, None));
    }

    #[test]
    fn an_object_has_the_columns_as_names() {
        let cells = object(br#"{"sku": " A ", "price": 12.50, "quantity": 3, "title": null}"#).unwrap();
        assert_eq!(cells[0].as_deref(), Some("A"));
        assert_eq!((cells[4].as_deref(), cells[6].as_deref(), cells[1].as_deref()), (Some("12.5"), Some("3"), None));
        assert_eq!(object(b"[]"), Err("no JSON object"));
        assert_eq!(object(br#"{"sku": ["A"]}"#), Err("a value that is neither text nor number"));
        assert_eq!(object(br#"{"SKU": "A"}"#), Err("a name that no column has"));
    }
}
