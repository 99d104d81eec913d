/// A field of a map: one table for the reader, the nearest names and the JSON Schema.
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

/// What may be written at a place: the schema is made of it, and the reader's tests go through it.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text; variables may stand in it.
    Text,
    /// `500ms`, `1h30m`, or a variable.
    Duration,
    /// A whole number of at least this; no variable.
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
    /// One, or a list.
    OneOrList(&'static Shape),
    /// A map with these fields.
    Fields(&'static [&'static [Field]]),
    /// A map from names to this.
    Names(&'static Shape),
    /// Any of these.
    OneOf(&'static [Shape]),
}
