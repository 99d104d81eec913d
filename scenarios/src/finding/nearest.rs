/// The name a person most likely meant: the one that takes the fewest edits, if these are few for its length.
///
/// An edit is a letter added, left out, replaced, or swapped with its neighbour (optimal string alignment distance).
/// Case does not count. Of equally near names the first wins.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = letters(wanted);
    names
        .into_iter()
        .filter_map(|name| {
            let name_letters = letters(name);
            // A third of the letters: `cilck` finds `click`, `foo` does not find `set`.
            let most = (wanted.len().max(name_letters.len()) / 3).max(1);
            // A word of one letter is near to every other one.
            if wanted.len() < 2 || wanted.len().abs_diff(name_letters.len()) > most {
                return None;
            }
            let edits = edits(&wanted, &name_letters);
            (edits <= most).then_some((edits, name))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// ``did you mean `click`?``
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(wanted, names).map(|name| format!("did you mean `{name}`?"))
}

/// Longer names are cut: the distance takes the product of both lengths.
const LONGEST: usize = 64;

fn letters(name: &str) -> Vec<char> {
    name.chars()
        .flat_map(char::to_lowercase)
        .take(LONGEST)
        .collect()
}

fn edits(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != other);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert_eq!(edits(&letters("ab"), &letters("ba")), 1);
        assert_eq!(edits(&letters("kitten"), &letters("sitting")), 3);
        assert_eq!(
            nearest("gnome-logix", ["gnome-login", "gnome-logic"]),
            Some("gnome-login")
        );
    }

    proptest! {
        #[test]
        fn distance_is_symmetric_and_zero_only_for_equals(a in "[a-c]{0,8}", b in "[a-c]{0,8}") {
            let (x, y) = (letters(&a), letters(&b));
            prop_assert_eq!(edits(&x, &y), edits(&y, &x));
            prop_assert_eq!(edits(&x, &y) == 0, a == b);
        }
    }
}
