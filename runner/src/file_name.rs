//! Makes file names of names that people chose.

/// Returns a file name made of a name: at most 80 ASCII letters, digits, `-` and `_`, and never empty.
pub(crate) fn file_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .take(80)
        .collect();
    if kept.is_empty() {
        "unnamed".to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_leads_out_of_its_folder() {
        assert_eq!(file_name("gnome-login_2"), "gnome-login_2");
        assert_eq!(file_name("../../etc/x"), "------etc-x");
        assert_eq!(file_name("größer als"), "gr--er-als");
        assert_eq!(file_name(""), "unnamed");
        assert_eq!(file_name(&"x".repeat(200)).len(), 80);
    }
}
