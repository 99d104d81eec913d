//! Values of variables as far as they are known before a step runs.

use std::collections::BTreeSet;

use crate::plan::{Bindings, Bound};
use crate::value::{ATTEMPT, Template, Text, Value, Vars, WrittenValue};

/// The variables that a step sees.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The values at the start of the stage.
    pub(super) vars: &'a Vars,
    /// The variables that may have another value by now.
    pub(super) assigned: &'a BTreeSet<String>,
    /// The bindings of the `include` and `each` around the step, the innermost last.
    pub(super) bound: &'a [Bindings],
}

/// A part of a value. Does not implement `Debug`, because it may be secret.
pub(super) enum Piece {
    /// A known text.
    Known(Text),
    /// A known list.
    List(Vec<Vec<Piece>>),
    /// A variable whose value is not known yet, with the value that it has if no step sets it.
    Unknown { name: String, otherwise: Vec<Piece> },
}

impl Piece {
    pub(super) fn known(text: &str) -> Self {
        Self::Known(Text::open(text))
    }
}

impl<'a> Scope<'a> {
    /// Returns the scope outside the bindings with this index.
    fn around(self, index: usize) -> Self {
        Self {
            bound: &self.bound[..index],
            ..self
        }
    }

    pub(super) fn template(self, template: &Template) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for piece in template.pieces() {
            match piece {
                Ok(text) => push(&mut pieces, Piece::known(text)),
                Err(name) => self
                    .variable(name)
                    .into_iter()
                    .for_each(|piece| push(&mut pieces, piece)),
            }
        }
        pieces
    }

    /// Returns the value of a variable. As in rendering, the innermost binding wins.
    pub(super) fn variable(self, name: &str) -> Vec<Piece> {
        for (index, bindings) in self.bound.iter().enumerate().rev() {
            let bound = bindings
                .as_slice()
                .iter()
                .rev()
                .find(|own| own.name == name);
            let around = self.around(index);
            match bound.map(|binding| &binding.value) {
                None => {}
                Some(Bound::Written(value)) => return around.template(value.template()),
                Some(Bound::Item(text)) => return vec![Piece::Known(text.clone())],
                // The default is used only if nothing else gives the variable a value.
                Some(Bound::Default(_)) if around.has(name) => {}
                Some(Bound::Default(value)) => {
                    let default = around.written(value);
                    if self.assigned.contains(name) {
                        return vec![Piece::Unknown {
                            name: name.to_owned(),
                            otherwise: default,
                        }];
                    }
                    return default;
                }
            }
        }
        if name == ATTEMPT {
            // Its value changes with every attempt.
            return vec![Piece::Unknown {
                name: name.to_owned(),
                otherwise: Vec::new(),
            }];
        }
        let known = match self.vars.get(name) {
            None => None,
            Some(Value::Text(text)) => Some(Piece::Known(text.clone())),
            Some(Value::List(items)) => Some(Piece::List(
                items
                    .iter()
                    .map(|item| vec![Piece::Known(item.clone())])
                    .collect(),
            )),
        };
        match known {
            Some(known) if !self.assigned.contains(name) => vec![known],
            known => vec![Piece::Unknown {
                name: name.to_owned(),
                otherwise: known.into_iter().collect(),
            }],
        }
    }

    fn written(self, value: &WrittenValue) -> Vec<Piece> {
        match value {
            WrittenValue::Text(template) => self.template(template),
            WrittenValue::List(items) => vec![Piece::List(
                items.iter().map(|item| self.template(item)).collect(),
            )],
        }
    }

    /// Returns true if the variable certainly has a value here.
    fn has(self, name: &str) -> bool {
        let binds = |bindings: &Bindings| bindings.as_slice().iter().any(|own| own.name == name);
        self.vars.get(name).is_some() || self.bound.iter().any(binds)
    }
}

/// Adds a piece. Joins adjacent texts, because it does not matter which variable they came from.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Known(last)), Piece::Known(text)) => last.push(&text),
        (_, piece) => pieces.push(piece),
    }
}
