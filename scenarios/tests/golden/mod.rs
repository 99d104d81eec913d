//! Findings as people see them, compared with files below `golden/`. `INSTA_UPDATE=always` writes them anew.

use scenarios::{Colour, Diagnostic};

/// Compares rendered findings with the golden file of this name.
pub(crate) fn assert_golden(folder: &str, name: &str, findings: &[Diagnostic]) {
    let rendered: Vec<String> = findings
        .iter()
        .map(|finding| finding.render(Colour::Off))
        .collect();
    let path = format!("../../golden/{folder}");
    insta::with_settings!({snapshot_path => path, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, rendered.join("\n\n"));
    });
}
