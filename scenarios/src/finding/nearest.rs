//! Finds the name that a person most likely meant.

/// Returns the name that a person most likely meant: the one with the fewest edits, if these are few for its length.
///
/// An edit adds, removes or replaces a letter, or swaps two adjacent letters (optimal string alignment distance). Case
/// does not count. Among equally near names the first one wins.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(wanted);
    let length = wanted.chars().count();
    names
        .into_iter()
        .filter_map(|name| {
            let folded = folded(name);
            let name_length = folded.chars().count();
            // Up to a third of the letters: `cilck` finds `click`, but `foo` does not find `set`.
            let most = (length.max(name_length) / 3).max(1);
            // A word of one letter is near to every other one.
            if length < 2 || length.abs_diff(name_length) > most {
                return None;
            }
            let edits = strsim::osa_distance(&wanted, &folded);
            (edits <= most).then_some((edits, name))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Returns ``did you mean `click`?``.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(wanted, names).map(|name| format!("did you mean `{name}`?"))
}

/// Longer names are cut, because the cost is the product of both lengths.
const LONGEST: usize = 64;

/// Returns the beginning of a name in small letters.
fn folded(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_a_person_meant() {
        let verbs = [
            "see",
            "click",
            "type",
            "soft_fail",
            "screenshot",
            "serial",
            "set",
        ];
        for (wanted, found) in [
            ("cilck", Some("click")),
            ("Click", Some("click")),
            ("softfail", Some("soft_fail")),
            ("screenshoot", Some("screenshot")),
            ("sea", Some("see")),
            ("teleport", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, verbs), found, "{wanted}");
        }
    }

    #[test]
    fn a_swap_is_one_edit_and_of_equals_the_first_wins() {
        assert_eq!(nearest("ab", ["ba"]), Some("ba"));
        assert_eq!(nearest("abc", ["cab"]), None);
        assert_eq!(
            nearest("gnome-logix", ["gnome-login", "gnome-logic"]),
            Some("gnome-login")
        );
    }
}
