//! What the words of files stand for in the market.

use std::collections::{BTreeSet, HashMap};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    porting::{
        error::PortingError,
        model::{ProductRecord, UnknownCategory},
    },
    products::{
        self,
        model::{
            Category,
            attributes::{GivenAttribute, ProductKind},
        },
        service::{Missing, Vocabulary},
    },
};

/// What the words of a record stand for here.
#[derive(Default)]
pub struct Meant {
    /// The inner `None` clears.
    pub category: Option<Option<Id<Category>>>,
    pub kind: Option<Option<Id<ProductKind>>>,
    pub attributes: Option<Vec<GivenAttribute>>,
    /// Whether it says all that its kind requires, if it is new.
    pub is_complete: bool,
}

/// Categories and kinds, looked up once a batch.
pub struct Words {
    categories: HashMap<Vec<String>, Option<Id<Category>>>,
    kinds: Vocabulary,
    /// Records whose category the market does not have.
    pub without_category: u64,
}

impl Words {
    pub fn of(tx: &mut Tx<'_>, records: &[&ProductRecord], unknown: UnknownCategory) -> Result<Self, PortingError> {
        let missing = match unknown {
            UnknownCategory::Made => Missing::Made,
            UnknownCategory::LeftOut => Missing::LeftOut,
        };
        let mut categories = HashMap::new();
        let paths = records.iter().filter_map(|record| record.category.as_ref()).filter(|path| !path.is_empty());
        for path in paths.collect::<BTreeSet<_>>() {
            categories.insert(path.clone(), products::service::category_at(tx, path, missing)?);
        }
        Ok(Self { categories, kinds: Vocabulary::default(), without_category: 0 })
    }

    /// The inner error is why the record cannot be taken.
    pub fn said(&mut self, tx: &mut Tx<'_>, record: &ProductRecord) -> Result<Result<Meant, String>, Failure> {
        let mut meant = Meant { is_complete: true, ..Meant::default() };
        meant.category = match record.category.as_ref() {
            None => None,
            Some(path) if path.is_empty() => Some(None),
            Some(path) => self.categories.get(path).copied().flatten().map(Some),
        };
        if meant.category.is_none() && record.category.is_some() {
            self.without_category += 1;
        }
        let handle = record.kind.as_deref();
        let kind = match handle {
            None | Some("") => None,
            Some(handle) => match self.kinds.kind(tx, handle)? {
                Some(kind) => Some(kind),
                None => return Ok(Err("kind: there is none of this handle".into())),
            },
        };
        meant.kind = handle.map(|_| kind.map(|kind| kind.id));
        if let Some(said) = &record.attributes {
            meant.attributes = match kind {
                Some(kind) => match kind.given(said) {
                    Ok(given) => Some(given),
                    Err(error) => return Ok(Err(error.to_string())),
                },
                None if said.is_empty() => Some(Vec::new()),
                None => return Ok(Err("attributes: the row does not say of which kind the product is".into())),
            };
        }
        if let Some(kind) = kind {
            meant.is_complete = kind.is_complete(meant.attributes.as_deref().unwrap_or_default());
        }
        Ok(Ok(meant))
    }
}
