use super::modifiers::fields;
use crate::yaml::{Kind, Node, Reader};

/// `shutdown` has nothing to say but the modifiers.
pub(super) fn read_shutdown(reader: &mut Reader, node: &Node) -> Option<()> {
    if node.kind == Kind::Null {
        return Some(());
    }
    fields(reader, node, "shutdown", &[]).map(|_| ())
}
