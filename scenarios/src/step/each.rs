use crate::{Phase, Rendered, Text};

/// `each`: the nested steps ([`Step::steps`](crate::Step::steps)) once for each item.
#[derive(Debug, Clone, PartialEq)]
pub struct Each<P: Phase = Rendered> {
    /// The items.
    pub items: Items<P>,
    /// The variable that holds the item.
    pub variable: String,
}

/// The items of `each`.
#[derive(Debug, Clone, PartialEq)]
pub enum Items<P: Phase = Rendered> {
    /// Written out.
    List(Vec<P::Of<Text>>),
    /// The list in a variable of the project, image, machine or scenario.
    Variable(String),
}
