//! The lengths of steps' texts once their variables have values, as far as these are known before.

use std::collections::HashMap;

use super::bindings::{Bound, Frame};
use crate::finding::Diagnostic;
use crate::step::Step;
use crate::value::{FromText, Template, Templated, Value, Vars, Visitor, Written, WrittenValue};

/// The lengths of variables' values at a place among the steps.
pub(super) struct Lengths<'a> {
    /// Those the scenario starts with.
    vars: &'a Vars,
    /// Those that the `include` and `each` around the place bind, the innermost last.
    bound: HashMap<String, Vec<usize>>,
}

impl<'a> Lengths<'a> {
    pub(super) fn new(vars: &'a Vars) -> Self {
        Self {
            vars,
            bound: HashMap::new(),
        }
    }

    /// Goes into what a frame is around. Bytes of the values that it binds.
    pub(super) fn enter(&mut self, frame: &Frame) -> usize {
        let lengths: Vec<usize> = frame
            .bindings()
            .iter()
            .map(|binding| match &binding.value {
                Bound::Written(value) => self.template(value.template()),
                Bound::Item(text) => text.length(),
                Bound::Default(_) if self.has(&binding.name) => self.variable(&binding.name),
                Bound::Default(WrittenValue::Text(template)) => self.template(template),
                Bound::Default(WrittenValue::List(items)) => {
                    let items = items.iter().map(|item| self.template(item));
                    items.fold(0, usize::saturating_add)
                }
            })
            .collect();
        for (binding, length) in frame.bindings().iter().zip(&lengths) {
            let bound = self.bound.entry(binding.name.clone()).or_default();
            bound.push(*length);
        }
        lengths.into_iter().fold(0, usize::saturating_add)
    }

    /// Comes out again.
    pub(super) fn leave(&mut self, frame: &Frame) {
        for binding in frame.bindings() {
            if let Some(bound) = self.bound.get_mut(&binding.name) {
                bound.pop();
            }
        }
    }

    /// Bytes of all texts of a step, without those of the steps inside it.
    pub(super) fn step(&self, step: &Step) -> usize {
        let mut sum = Sum {
            lengths: self,
            bytes: 0,
        };
        // It refuses nothing: what is wrong with a value is found when it is rendered.
        let _ = step.action.visit(&mut sum);
        let title = step.title.as_ref();
        let title = title.map_or(0, |title| self.template(title.template()));
        sum.bytes.saturating_add(title)
    }

    fn template(&self, template: &Template) -> usize {
        template.length(|name| self.variable(name))
    }

    fn has(&self, name: &str) -> bool {
        self.bound.get(name).is_some_and(|bound| !bound.is_empty()) || self.vars.get(name).is_some()
    }

    /// A variable takes at least a byte: one without a text, or without a known one, multiplies all the same.
    fn variable(&self, name: &str) -> usize {
        let bound = self.bound.get(name).and_then(|bound| bound.last());
        let length = bound
            .copied()
            .or_else(|| self.vars.get(name).map(Value::length));
        length.unwrap_or(0).max(1)
    }
}

struct Sum<'a> {
    lengths: &'a Lengths<'a>,
    bytes: usize,
}

impl Visitor for Sum<'_> {
    type To = Written;

    fn value<T: FromText>(&mut self, value: &Templated<T>) -> Result<Templated<T>, Diagnostic> {
        let length = self.lengths.template(value.template());
        self.bytes = self.bytes.saturating_add(length);
        Ok(value.clone())
    }
}
