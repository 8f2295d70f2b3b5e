//! What the demo market sells is of one kind, whose attributes are read out of titles.

use crate::{
    demo::{
        error::DemoError,
        model::{MATERIALS, MOTIFS, named_by, pieces},
    },
    kernel::{id::Id, money::Decimal},
    platform::db::Tx,
    products::{
        self,
        model::attributes::{Attribute, AttributeKind, AttributeValue, Choice, GivenAttribute, ProductKind},
        service::{CreateAttribute, WantedAttribute},
    },
};

/// The kind of all products, with its attributes.
pub(super) struct Homeware {
    pub(super) id: Id<ProductKind>,
    material: Chosen,
    motif: Chosen,
    pieces: Id<Attribute>,
}

/// An attribute with its choices, by name.
struct Chosen {
    id: Id<Attribute>,
    choices: Vec<Choice>,
}

impl Chosen {
    fn add(tx: &mut Tx<'_>, name: &str, choices: &[(&'static str, &[&str])]) -> Result<Self, DemoError> {
        let choices = choices.iter().map(|(name, _)| (*name).to_owned()).collect();
        let id = add_attribute(tx, name, AttributeKind::Choice, choices)?;
        Ok(Self { id, choices: products::service::choices_of(tx.conn(), id)? })
    }

    fn said(&self, name: Option<&str>) -> Option<GivenAttribute> {
        let choice = self.choices.iter().find(|choice| Some(choice.name.as_str()) == name)?;
        Some(GivenAttribute { attribute: self.id, value: AttributeValue::Choice(choice.id) })
    }
}

impl Homeware {
    pub(super) fn add(tx: &mut Tx<'_>) -> Result<Self, DemoError> {
        let material = Chosen::add(tx, "Material", &MATERIALS)?;
        let motif = Chosen::add(tx, "Motif", &MOTIFS)?;
        let pieces = add_attribute(tx, "Pieces", AttributeKind::Number, Vec::new())?;
        let wanted = [material.id, motif.id, pieces].map(|attribute| WantedAttribute { attribute, is_required: false });
        let id = products::service::add_product_kind(tx, "Homeware", None, &wanted)?.id;
        Ok(Self { id, material, motif, pieces })
    }

    /// What a title says.
    pub(super) fn said(&self, title: &str) -> Vec<GivenAttribute> {
        let material = self.material.said(named_by(title, &MATERIALS));
        let motif = self.motif.said(named_by(title, &MOTIFS));
        let number = |pieces: i64| AttributeValue::Number(Decimal::from(pieces));
        let pieces = pieces(title).map(|count| GivenAttribute { attribute: self.pieces, value: number(count) });
        material.into_iter().chain(motif).chain(pieces).collect()
    }
}

fn add_attribute(
    tx: &mut Tx<'_>,
    name: &str,
    kind: AttributeKind,
    choices: Vec<String>,
) -> Result<Id<Attribute>, DemoError> {
    let (name, handle, unit, is_filterable) = (name.to_owned(), None, None, true);
    let create = CreateAttribute { name, handle, kind, unit, is_filterable, choices };
    Ok(products::service::add_attribute(tx, &create)?.id)
}
