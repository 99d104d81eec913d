use crate::value::Render;
use std::sync::Arc;

use crate::bounds::{MOST_HELD, TooMuchHeld};
use crate::finding::{Code, Diagnostic, Span};
use crate::value::{Template, Templated, Text, Value, Vars, WrittenValue};

/// The variables that an `include` or an `each` binds for the steps inside it. All values are made before the first is
/// bound. Clones share them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame(Arc<[Binding]>);

/// A variable with the value it has inside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) value: Bound,
}

/// Where a bound value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    /// Written at the `include` or `each`.
    Written(Templated<Text>),
    /// An item of a list that the scenario starts with.
    Item(Text),
    /// `vars:` of a fragment: holds where nothing else gives the variable a value.
    Default(WrittenValue),
}

impl Frame {
    pub(crate) fn new(bindings: Vec<Binding>) -> Self {
        Self(bindings.into())
    }

    pub(crate) fn of(name: &str, value: Bound) -> Self {
        Self::new(vec![Binding {
            name: name.to_owned(),
            value,
        }])
    }

    pub(crate) fn bindings(&self) -> &[Binding] {
        &self.0
    }

    /// Binds its variables.
    ///
    /// # Errors
    /// A variable that a value needs and that has none, or values that are too long together.
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
                let message = TooMuchHeld::All { name, bytes }.to_string();
                return Err(
                    Diagnostic::new(Code::TooMuchText, at, message).with_help(TooMuchHeld::HELP)
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
    /// The place where the value is written; none where it is of a list that there is already.
    fn at(&self) -> Option<&Span> {
        match self {
            Self::Written(value) => Some(value.at()),
            Self::Default(WrittenValue::Text(template)) => Some(template.at()),
            Self::Default(WrittenValue::List(items)) => items.first().map(Template::at),
            Self::Item(_) => None,
        }
    }

    /// An item written in a list.
    pub(crate) fn item(template: Template) -> Result<Self, Diagnostic> {
        Templated::new(template).map(Self::Written)
    }
}
