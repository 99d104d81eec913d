use crate::{Phase, Rendered, Text};

/// `note`: writes a remark into the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Note<P: Phase = Rendered> {
    /// The remark.
    pub text: P::Of<Text>,
}
