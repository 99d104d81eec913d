//! The fields of maps and the shapes of their values.

/// A field of a map. The reader, the nearest names and the JSON Schema use the same table.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) need: Need,
    pub(crate) doc: &'static str,
}

/// Whether a field may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

impl Field {
    pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            need: Need::Required,
            doc,
        }
    }

    pub(crate) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            need: Need::Optional,
            doc,
        }
    }
}

/// The possible values at a place. The JSON Schema is made from it, and tests of the reader use it.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text, which may contain variables.
    Text,
    /// `500ms`, `1h30m`, or a variable.
    Duration,
    /// A whole number of at least this, without variables.
    Whole(u32),
    /// A whole number, or a variable.
    Count,
    /// A number, or a variable.
    Number,
    /// `true` or `false`.
    Flag,
    /// Nothing: the verb alone.
    Nothing,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A size: `512M`, `3G`.
    Size,
    /// A day: `2026-03-31`.
    Date,
    /// A disk to start from: `disk`, `disk1`, `cd`, or a variable.
    BootDisk,
    /// A condition.
    Condition,
    /// A list of steps.
    Steps,
    /// A list.
    List(&'static Shape),
    /// One value, or a list.
    OneOrList(&'static Shape),
    /// A map with these fields.
    Fields(&'static [&'static [Field]]),
    /// A map from names to values of this shape.
    Names(&'static Shape),
    /// Any of these shapes.
    OneOf(&'static [Shape]),
}
