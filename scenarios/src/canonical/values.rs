//! Values of variables as far as they are known before a step runs.

use std::collections::BTreeSet;

use super::Canonical;
use crate::binding::{Bound, Frame};
use crate::{
    ATTEMPT, FromText, TagQuery, Template, Templated, Text, Value, Vars, Written, WrittenValue,
};

/// Where a step finds its variables.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// At the start of the stage.
    pub(super) vars: &'a Vars,
    /// Those that may have another value by now.
    pub(super) assigned: &'a BTreeSet<String>,
    /// What the `include` and `each` around it bind, the innermost last.
    pub(super) frames: &'a [Frame],
}

/// A part of a value. Deliberately without `Debug`: it may be secret.
pub(super) enum Piece {
    /// Text that is known.
    Known(Text),
    /// A list that is known.
    List(Vec<Vec<Piece>>),
    /// A variable whose value is not known yet, with the value it has if nothing sets it before.
    Open { name: String, otherwise: Vec<Piece> },
}

impl Piece {
    pub(super) fn open(text: &str) -> Self {
        Self::Known(Text::open(text))
    }
}

impl<'a> Scope<'a> {
    /// The same as it was around the frame of this number.
    fn around(self, frame: usize) -> Self {
        Self {
            frames: &self.frames[..frame],
            ..self
        }
    }

    pub(super) fn template(self, template: &Template) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for piece in template.pieces() {
            match piece {
                Ok(text) => push(&mut pieces, Piece::open(text)),
                Err(name) => self
                    .variable(name)
                    .into_iter()
                    .for_each(|piece| push(&mut pieces, piece)),
            }
        }
        pieces
    }

    /// The value of a variable: the innermost frame that binds it has it, as when the step is rendered.
    pub(super) fn variable(self, name: &str) -> Vec<Piece> {
        for (index, frame) in self.frames.iter().enumerate().rev() {
            let bound = frame.bindings().iter().rev().find(|own| own.name == name);
            let around = self.around(index);
            match bound.map(|binding| &binding.value) {
                None => {}
                Some(Bound::Written(value)) => return around.template(value.template()),
                Some(Bound::Item(text)) => return vec![Piece::Known(text.clone())],
                // It holds only where nothing else gives the variable a value.
                Some(Bound::Default(_)) if around.has(name) => {}
                Some(Bound::Default(value)) => {
                    let default = around.written(value);
                    if self.assigned.contains(name) {
                        return vec![Piece::Open {
                            name: name.to_owned(),
                            otherwise: default,
                        }];
                    }
                    return default;
                }
            }
        }
        if name == ATTEMPT {
            // Whatever it is now, it is another one next time.
            return vec![Piece::Open {
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
            known => vec![Piece::Open {
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

    /// Whether a variable surely has a value here.
    fn has(self, name: &str) -> bool {
        let binds = |frame: &Frame| frame.bindings().iter().any(|own| own.name == name);
        self.vars.get(name).is_some() || self.frames.iter().any(binds)
    }
}

/// Text next to text is one text: where a variable stood between them does not matter.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Known(last)), Piece::Known(text)) => last.push(&text),
        (_, piece) => pieces.push(piece),
    }
}

impl Canonical {
    pub(super) fn pieces(&mut self, pieces: &[Piece]) {
        self.number(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Known(text) => {
                    self.mark("text");
                    // A secret is refused where it would be shown.
                    self.flag(text.is_secret());
                    self.text(text.reveal());
                }
                Piece::List(items) => {
                    self.mark("list");
                    self.number(items.len());
                    items.iter().for_each(|item| self.pieces(item));
                }
                Piece::Open { name, otherwise } => {
                    self.per_attempt |= name == ATTEMPT;
                    self.mark("open");
                    self.text(name);
                    self.pieces(otherwise);
                }
            }
        }
    }

    pub(super) fn value<T: FromText>(&mut self, value: &Templated<T>, scope: Scope<'_>) {
        self.pieces(&scope.template(value.template()));
    }

    pub(super) fn option<T: FromText>(&mut self, value: Option<&Templated<T>>, scope: Scope<'_>) {
        self.maybe(value, |to, value| to.value(value, scope));
    }

    pub(super) fn list<T: FromText>(&mut self, values: &[Templated<T>], scope: Scope<'_>) {
        self.number(values.len());
        values.iter().for_each(|value| self.value(value, scope));
    }

    /// Values with names, whose order means nothing.
    pub(super) fn named<T: FromText>(
        &mut self,
        values: &[(String, Templated<T>)],
        scope: Scope<'_>,
    ) {
        let mut sorted: Vec<_> = values.iter().collect();
        sorted.sort_by_key(|(name, _)| name);
        self.number(sorted.len());
        for (name, value) in sorted {
            self.text(name);
            self.value(value, scope);
        }
    }

    pub(super) fn tags(&mut self, query: &TagQuery<Written>, scope: Scope<'_>) {
        let TagQuery { any_of } = query;
        self.number(any_of.len());
        for tags in any_of {
            let pieces = scope.template(tags.template());
            self.pieces(&pieces);
            self.looks.add(&pieces);
        }
    }
}
