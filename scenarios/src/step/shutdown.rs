//! The verb `shutdown`.

use super::modifiers::fields;
use crate::yaml::{Kind, Node, Reader};

/// Reads `shutdown`, which has only the modifiers.
pub(super) fn read_shutdown(reader: &mut Reader, node: &Node) -> Option<()> {
    if node.kind == Kind::Null {
        return Some(());
    }
    fields(reader, node, "shutdown", &[]).map(|_| ())
}
