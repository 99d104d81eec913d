use std::collections::BTreeSet;

use crate::plan::{Bound, Frame};
use crate::value::{ATTEMPT, Template, Text, Value, Vars, WrittenValue};

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
