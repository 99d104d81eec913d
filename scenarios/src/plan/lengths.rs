//! Computes the lengths of steps' texts with the values of their variables, as far as these are known.

use std::collections::HashMap;

use super::bindings::{Bindings, Bound};
use crate::finding::Diagnostic;
use crate::step::Step;
use crate::value::{FromText, Template, Templated, Value, Vars, Visitor, Written, WrittenValue};

/// The lengths of variables' values at a certain step.
pub(super) struct Lengths<'a> {
    /// The variables that the scenario starts with.
    vars: &'a Vars,
    /// The lengths of values that the `include` and `each` around the step bind, the innermost last.
    bound: HashMap<String, Vec<usize>>,
}

impl<'a> Lengths<'a> {
    pub(super) fn new(vars: &'a Vars) -> Self {
        Self {
            vars,
            bound: HashMap::new(),
        }
    }

    /// Enters the steps inside bindings. Returns the length of the bound values.
    pub(super) fn enter(&mut self, bindings: &Bindings) -> usize {
        let lengths: Vec<usize> = bindings
            .as_slice()
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
        for (binding, length) in bindings.as_slice().iter().zip(&lengths) {
            let bound = self.bound.entry(binding.name.clone()).or_default();
            bound.push(*length);
        }
        lengths.into_iter().fold(0, usize::saturating_add)
    }

    /// Leaves the steps inside bindings.
    pub(super) fn leave(&mut self, bindings: &Bindings) {
        for binding in bindings.as_slice() {
            if let Some(bound) = self.bound.get_mut(&binding.name) {
                bound.pop();
            }
        }
    }

    /// Returns the length of all texts of a step, without the steps inside it.
    pub(super) fn step(&self, step: &Step) -> usize {
        let mut sum = Sum {
            lengths: self,
            bytes: 0,
        };
        // This visitor never fails. Mistakes in values are found when they are rendered.
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

    /// Returns the length of a variable, at least one byte. A variable without a known text multiplies, too.
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
