use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection,
        SelectionSet,
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{
    Gate, Limit, Refused,
    catalogue::{Shape, Type},
    count,
    values::{nesting, size_of_bytes, size_of_constant, total},
};

/// What the executed operation amounts to, with fragments in place. Selections under `@skip` and
/// `@include` count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Fields within each other, leaves included, those of introspection types not.
    pub depth: u64,
    /// Aliased fields.
    pub aliases: u64,
    /// Fields of the operation itself.
    pub root_fields: u64,
    /// Directives.
    pub directives: u64,
    /// Lists of introspection within each other.
    pub introspection_depth: u64,
    /// Points: one for each object that the answer may have, and one for each `__typename`
    /// wherever it is written. Scalars cost nothing. Rows multiply: a connection by `first` or
    /// `last`, the larger of them, else by the default of `first`; a plain list by the size that
    /// is assumed of it, so that the answer may turn out larger; one of `ids` by these. What the
    /// schema does not know costs as an object, and fragments on different types add up. Beside
    /// that, each field costs its weight, and a mutation of which nothing is stated 20.
    pub cost: u64,
    /// What of the cost no answer lowers: the weights, and each `__typename`.
    pub fixed_cost: u64,
    /// Fields and argument values, as often as rows repeat them.
    pub values: u64,
}

/// See [`Gate::measure`].
pub(super) fn measure(
    gate: &Gate,
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &Variables,
) -> Result<Measured, Refused> {
    let limits = &gate.limits;
    limits.check(Limit::Fragments, count(document.fragments.len()))?;
    let deepest = variables.values().map(nesting).max().unwrap_or(0);
    limits.check(Limit::Nesting, deepest.saturating_add(1))?;

    let mut walk = Walk {
        gate,
        document,
        variables,
        operation: None,
        expanding: Vec::new(),
        reached: HashSet::new(),
        size: 0,
        measured: Measured::default(),
    };
    let mut executed = Measured::default();
    for (name, operation) in document.operations.iter() {
        let measured = walk.operation(&operation.node)?;
        if is_executed(document, operation_name, name) {
            executed = measured;
        }
    }
    walk.unused_fragments()?;

    limits.check(Limit::Depth, executed.depth)?;
    limits.check(Limit::Aliases, executed.aliases)?;
    limits.check(Limit::RootFields, executed.root_fields)?;
    limits.check(Limit::Directives, executed.directives)?;
    limits.check(Limit::IntrospectionDepth, executed.introspection_depth)?;
    limits.check(Limit::Cost, executed.cost)?;
    limits.check(Limit::Values, executed.values)?;
    Ok(executed)
}

fn is_executed(document: &ExecutableDocument, wanted: Option<&str>, name: Option<&Name>) -> bool {
    match (&document.operations, wanted) {
        (DocumentOperations::Single(_), wanted) => wanted.is_none(),
        (DocumentOperations::Multiple(all), None) => all.len() == 1,
        (DocumentOperations::Multiple(_), wanted) => name.map(Name::as_str) == wanted,
    }
}

/// Follows every fragment to where it is spread. It ends because the steps are bounded by
/// [`Limits::size`](super::Limits::size) and its recursion by
/// [`Limits::nesting`](super::Limits::nesting), both checked as it goes.
struct Walk<'a> {
    gate: &'a Gate,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    operation: Option<&'a OperationDefinition>,
    expanding: Vec<&'a Name>,
    reached: HashSet<&'a Name>,
    size: u64,
    measured: Measured,
}

/// Where in the answer a selection set stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Type>,
    nesting: u64,
    /// How many selection sets without a field between them, this one included.
    layers: u64,
    depth: u64,
    introspection_depth: u64,
    /// How many parents there may be.
    rows: u64,
    /// How many rows the nearest connection has.
    page: u64,
}

impl<'a> Place<'a> {
    fn root(parent: Option<&'a Type>) -> Self {
        Self { parent, nesting: 1, layers: 1, depth: 0, introspection_depth: 0, rows: 1, page: 1 }
    }

    fn in_fragment(self, parent: Option<&'a Type>) -> Self {
        Self { parent, nesting: self.nesting.saturating_add(1), layers: self.layers.saturating_add(1), ..self }
    }

    fn in_field(self, parent: Option<&'a Type>) -> Self {
        Self { layers: 1, ..self.in_fragment(parent) }
    }
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Measured, Refused> {
        self.measured = Measured::default();
        self.operation = Some(operation);
        let root = Place::root(self.gate.catalogue.root(operation.ty));
        self.directives(&operation.directives, root)?;
        for variable in &operation.variable_definitions {
            self.directives(&variable.node.directives, root)?;
        }
        self.selections(&operation.selection_set.node, root, &mut 0)?;
        Ok(self.measured)
    }

    /// Validation visits them too.
    fn unused_fragments(&mut self) -> Result<(), Refused> {
        self.operation = None;
        let fragments = self.document.fragments.iter();
        let unused: Vec<_> = fragments.filter(|(name, _)| !self.reached.contains(name)).collect();
        for (name, fragment) in unused {
            self.fragment(name, &fragment.node, Place::root(None), &mut 0)?;
        }
        Ok(())
    }

    /// `widest` is the most arguments that a field of the same object had so far.
    fn selections(&mut self, set: &'a SelectionSet, place: Place<'a>, widest: &mut u64) -> Result<(), Refused> {
        self.gate.limits.check(Limit::Nesting, place.nesting)?;
        for selection in &set.items {
            self.directives(selection.node.directives(), place)?;
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, place, widest)?,
                Selection::InlineFragment(fragment) => {
                    self.spend(1)?;
                    let parent = match &fragment.node.type_condition {
                        Some(condition) => self.gate.catalogue.get(&condition.node.on.node),
                        None => place.parent,
                    };
                    self.selections(&fragment.node.selection_set.node, place.in_fragment(parent), widest)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.spend(1)?;
                    let name = &spread.node.fragment_name.node;
                    if let Some((name, fragment)) = self.document.fragments.get_key_value(name) {
                        self.fragment(name, &fragment.node, place, widest)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn fragment(
        &mut self,
        name: &'a Name,
        fragment: &'a FragmentDefinition,
        place: Place<'a>,
        widest: &mut u64,
    ) -> Result<(), Refused> {
        let cycles = u64::from(self.expanding.contains(&name));
        self.gate.limits.check(Limit::FragmentCycles, cycles)?;
        self.reached.insert(name);
        self.expanding.push(name);
        self.directives(&fragment.directives, place)?;
        let parent = self.gate.catalogue.get(&fragment.type_condition.node.on.node);
        self.selections(&fragment.selection_set.node, place.in_fragment(parent), widest)?;
        self.expanding.pop();
        Ok(())
    }

    fn field(&mut self, field: &'a Field, place: Place<'a>, widest: &mut u64) -> Result<(), Refused> {
        self.spend(place.layers.saturating_mul(widest.saturating_add(1)))?;
        *widest = count(field.arguments.len()).max(*widest);
        add(&mut self.measured.values, place.rows);
        self.arguments(&field.arguments, place)?;
        if field.alias.is_some() {
            add(&mut self.measured.aliases, 1);
        }
        if place.depth == 0 {
            add(&mut self.measured.root_fields, 1);
        }

        let known = place.parent.and_then(|parent| parent.field(&field.name.node));
        let shape = known.map_or(Shape::One, |known| known.shape);
        let mut inner = place.in_field(known.and_then(|known| self.gate.catalogue.get(&known.of)));
        if place.parent.is_some_and(|parent| parent.is_introspection) {
            inner.introspection_depth += u64::from(matches!(shape, Shape::List(_)));
        } else {
            inner.depth += 1;
        }
        self.measured.depth = self.measured.depth.max(inner.depth);
        self.measured.introspection_depth = self.measured.introspection_depth.max(inner.introspection_depth);

        let count = match shape {
            Shape::Leaf | Shape::One => 1,
            Shape::List(bound) => bound,
            Shape::Page(default) => self.page(field, default),
            Shape::ByIds => self.ids(field),
            Shape::Connection(default) => {
                inner.page = self.page(field, default);
                1
            }
            Shape::Rows => place.page,
        };
        inner.rows = place.rows.saturating_mul(count.max(1));
        let weight = known.map_or(0, |known| known.weight).saturating_mul(place.rows);
        let (fixed, objects) = match shape {
            Shape::Leaf => (weight, 0),
            _ if field.name.node == "__typename" => (1, 0),
            _ => (weight, inner.rows),
        };
        add(&mut self.measured.fixed_cost, fixed);
        add(&mut self.measured.cost, fixed.saturating_add(objects));
        if field.selection_set.node.items.is_empty() {
            return Ok(());
        }
        self.selections(&field.selection_set.node, inner, &mut 0)
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>], place: Place<'a>) -> Result<(), Refused> {
        add(&mut self.measured.directives, count(directives.len()));
        for directive in directives {
            self.spend(1)?;
            self.arguments(&directive.node.arguments, place)?;
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        arguments: &'a [(Positioned<Name>, Positioned<Value>)],
        place: Place<'a>,
    ) -> Result<(), Refused> {
        for (_, value) in arguments {
            let size = self.size(&value.node);
            add(&mut self.measured.values, size.saturating_mul(place.rows));
            self.spend(size)?;
        }
        Ok(())
    }

    fn spend(&mut self, size: u64) -> Result<(), Refused> {
        add(&mut self.size, size);
        self.gate.limits.check(Limit::Size, self.size)
    }

    fn size(&self, value: &Value) -> u64 {
        match value {
            Value::Variable(name) => self.variable(name).map_or(1, size_of_constant),
            Value::List(items) => total(items.iter().map(|item| self.size(item))),
            Value::Object(fields) => total(fields.values().map(|field| self.size(field))),
            Value::String(text) => size_of_bytes(text.len()),
            _ => 1,
        }
    }

    fn page(&self, field: &Field, default: u64) -> u64 {
        let rows = |name| match &field.get_argument(name)?.node {
            Value::Number(number) => number.as_u64(),
            Value::Variable(variable) => match self.variable(variable)? {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        };
        rows("first").max(rows("last")).unwrap_or(default)
    }

    fn ids(&self, field: &Field) -> u64 {
        match field.get_argument("ids").map(|ids| &ids.node) {
            Some(Value::List(ids)) => count(ids.len()),
            Some(Value::Variable(variable)) => match self.variable(variable) {
                Some(ConstValue::List(ids)) => count(ids.len()),
                _ => 1,
            },
            _ => 1,
        }
    }

    fn variable(&self, name: &Name) -> Option<&'a ConstValue> {
        self.variables.get(name).or_else(|| {
            let mut definitions = self.operation?.variable_definitions.iter();
            let definition = definitions.find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|default| &default.node)
        })
    }
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

#[cfg(test)]
mod tests;
