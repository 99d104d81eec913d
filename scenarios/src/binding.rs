use crate::{Diagnostic, Render, Templated, Text, Value, Vars, WrittenValue};

/// What an `include` or an `each` binds for the steps inside it. All values are made before the first is bound.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame(Vec<Binding>);

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
        Self(bindings)
    }

    pub(crate) fn of(name: &str, value: Bound) -> Self {
        Self(vec![Binding {
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
    /// A variable that a value needs and that has none.
    pub(crate) fn bind(&self, scope: &mut Vars) -> Result<(), Diagnostic> {
        let mut values = Vec::new();
        for binding in &self.0 {
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
            values.push((binding.name.as_str(), value));
        }
        for (name, value) in values {
            scope.shadow(name, value);
        }
        Ok(())
    }
}

impl Bound {
    /// An item written in a list.
    pub(crate) fn item(template: crate::Template) -> Result<Self, Diagnostic> {
        Templated::new(template).map(Self::Written)
    }
}
