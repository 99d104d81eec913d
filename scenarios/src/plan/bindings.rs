//! The variables that exist only inside an `include` or `each`.

use std::sync::Arc;

use crate::bounds::{MOST_HELD, VarsTooLong};
use crate::finding::{Code, Diagnostic, Span};
use crate::value::{Render, Template, Templated, Text, Value, Vars, WrittenValue};

/// The variables that an `include` or an `each` binds for the steps inside it. All values are made before the first one
/// is bound. Clones share them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bindings(Arc<[Binding]>);

/// A variable and its value inside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) value: Bound,
}

/// The source of a bound value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    /// The `include` or `each` has the value.
    Written(Templated<Text>),
    /// The value is an item of a list that the scenario starts with.
    Item(Text),
    /// The value is in `vars:` of a fragment. It is used only if nothing else gives the variable a value.
    Default(WrittenValue),
}

impl Bindings {
    pub(crate) fn new(bindings: Vec<Binding>) -> Self {
        Self(bindings.into())
    }

    pub(crate) fn of(name: &str, value: Bound) -> Self {
        Self::new(vec![Binding {
            name: name.to_owned(),
            value,
        }])
    }

    pub(crate) fn as_slice(&self) -> &[Binding] {
        &self.0
    }

    /// Binds the variables.
    ///
    /// # Errors
    /// A value needs a variable that has no value, or the values are too long together.
    pub(crate) fn bind(&self, scope: &mut Vars) -> Result<(), Diagnostic> {
        let mut values = Vec::new();
        let mut bytes = scope.length();
        for binding in self.0.iter() {
            let value = match &binding.value {
                Bound::Written(template) => Value::Text(template.render(scope)?),
                Bound::Item(text) => Value::Text(text.clone()),
                Bound::Default(_) if scope.get(&binding.name).is_some() => continue,
                Bound::Default(WrittenValue::Text(template)) => {
                    Value::Text(template.render(scope)?)
                }
                Bound::Default(WrittenValue::List(items)) => {
                    let items = items.iter().map(|item| item.render(scope));
                    Value::List(items.collect::<Result<_, _>>()?)
                }
            };
            bytes += value.length();
            if bytes > MOST_HELD
                && let Some(at) = binding.value.at()
            {
                let name = binding.name.clone();
                let message = VarsTooLong::All { name, bytes }.to_string();
                return Err(
                    Diagnostic::new(Code::TooMuchText, at, message).with_help(VarsTooLong::HELP)
                );
            }
            values.push((binding.name.as_str(), value));
        }
        for (name, value) in values {
            scope.shadow(name, value);
        }
        Ok(())
    }
}

impl Bound {
    /// Returns the place of the value. An item of an existing list has none.
    fn at(&self) -> Option<&Span> {
        match self {
            Self::Written(value) => Some(value.at()),
            Self::Default(WrittenValue::Text(template)) => Some(template.at()),
            Self::Default(WrittenValue::List(items)) => items.first().map(Template::at),
            Self::Item(_) => None,
        }
    }

    /// Makes a bound value from an item that is written in a list.
    pub(crate) fn item(template: Template) -> Result<Self, Diagnostic> {
        Templated::new(template).map(Self::Written)
    }
}
