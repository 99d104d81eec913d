//! Finds the steps that several chains share, so that they run once.

use std::collections::BTreeMap;

use super::key_material::KeyMaterial;
use crate::plan::PlannedStep;
use crate::step::Action;

/// A top-level step, reduced to the facts that decide about sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The digest of the step: see [`KeyMaterial::digest`].
    pub digest: [u8; 32],
    /// True for a `group` or an `include` that is the same in every attempt. A chain may be cut only after such a step.
    pub whole: bool,
}

impl Item {
    /// Makes an item from a step and its key material.
    pub fn new(step: &PlannedStep, material: &KeyMaterial) -> Self {
        Self {
            digest: material.digest,
            whole: !material.per_attempt
                && material.media.is_some()
                && material.files.is_some()
                && matches!(step.step().action, Action::Group(_) | Action::Include(_)),
        }
    }
}

/// Finds common beginnings of chains that start at the same place. Returns for each chain the numbers of steps after
/// which to cut it, in ascending order. Each common part then needs to run only once.
///
/// Chains with a common beginning are cut after the last step of it that is a `group` or an `include`. A checkpoint
/// after every step would cost more than it saves. Some of these chains may share a longer beginning, which gives more
/// cuts. Every chain keeps at least one step of its own, because its verdict depends on it.
///
/// ```text
/// a: [boot] [log in] type see           a: cut after 2
/// b: [boot] [log in] click        ->    b: cut after 2
/// c: [boot] see                         c: cut after 1, and so are a and b
/// ```
pub fn shared_beginnings(ways: &[Vec<Item>]) -> Vec<Vec<usize>> {
    let mut cuts = vec![Vec::new(); ways.len()];
    share(ways, (0..ways.len()).collect(), 0, 0, &mut cuts);
    cuts
}

/// Cuts the chains in `members`. Their first `depth` steps are equal, and they are already cut after `done` steps.
fn share(
    ways: &[Vec<Item>],
    members: Vec<usize>,
    mut depth: usize,
    done: usize,
    cuts: &mut [Vec<usize>],
) {
    if members.len() < 2 {
        return;
    }
    let mut last_whole = done;
    let branches = loop {
        // A chain can share this step only if another step follows.
        let mut branches: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
        for &way in members.iter().filter(|way| ways[**way].len() > depth + 1) {
            branches
                .entry(ways[way][depth].digest)
                .or_default()
                .push(way);
        }
        match branches.values().next() {
            Some(all) if all.len() == members.len() => {
                if all.iter().any(|way| ways[*way][depth].whole) {
                    last_whole = depth + 1;
                }
                depth += 1;
            }
            Some(_) | None => break branches,
        }
    };
    if last_whole > done {
        members.iter().for_each(|way| cuts[*way].push(last_whole));
    }
    for branch in branches.into_values() {
        share(ways, branch, depth, last_whole, cuts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chains written as words. A capital letter is a group.
    fn cuts(ways: &[&str]) -> Vec<Vec<usize>> {
        let item = |letter: u8| Item {
            digest: [letter; 32],
            whole: letter.is_ascii_uppercase(),
        };
        let ways: Vec<Vec<Item>> = ways
            .iter()
            .map(|way| way.bytes().map(item).collect())
            .collect();
        shared_beginnings(&ways)
    }

    #[test]
    fn a_common_beginning_is_cut_off_after_its_last_whole_step() {
        for (ways, expected) in [
            (&["ABx", "ABy"][..], vec![vec![2], vec![2]]),
            // There is no cut after `A`, because no other chain shares only that.
            (&["ABCx", "ABCy"], vec![vec![3], vec![3]]),
            // The single steps after the last group run twice.
            (&["AbcX", "AbcY"], vec![vec![1], vec![1]]),
            (&["bAcX", "bAcY"], vec![vec![2], vec![2]]),
            (&["abX", "abY"], vec![vec![], vec![]]),
            (&["Ax", "Bx"], vec![vec![], vec![]]),
            (&["xA", "yA"], vec![vec![], vec![]]),
        ] {
            assert_eq!(cuts(ways), expected, "{ways:?}");
        }
    }

    #[test]
    fn ways_may_share_beginnings_of_different_lengths() {
        assert_eq!(
            cuts(&["ABxy", "ABz", "Ax", "Q", "ABxw"]),
            [vec![1, 2], vec![1, 2], vec![1], vec![], vec![1, 2]]
        );
        assert_eq!(
            cuts(&["ABCx", "ABCy", "ABx", "Ax", "Ay"]),
            [vec![1, 2, 3], vec![1, 2, 3], vec![1, 2], vec![1], vec![1]]
        );
        // The order of the chains does not matter.
        assert_eq!(
            cuts(&["Ay", "ABx", "ABCy", "Ax", "ABCx"]),
            [vec![1], vec![1, 2], vec![1, 2, 3], vec![1], vec![1, 2, 3]]
        );
        // Two pairs with nothing in common.
        assert_eq!(
            cuts(&["Ax", "Bx", "Ay", "By"]),
            [vec![1], vec![1], vec![1], vec![1]]
        );
    }

    #[test]
    fn every_way_keeps_a_step_of_its_own() {
        assert_eq!(cuts(&["A", "A"]), [const { Vec::<usize>::new() }; 2]);
        assert_eq!(cuts(&["AB", "AB"]), [vec![1], vec![1]]);
        assert_eq!(
            cuts(&["AB", "ABx", "ABy"]),
            [vec![1], vec![1, 2], vec![1, 2]]
        );
        assert_eq!(cuts(&["A", "ABx", "ABy"]), [vec![], vec![2], vec![2]]);
        assert_eq!(cuts(&["", "A", "Ax"]), [const { Vec::<usize>::new() }; 3]);
    }

    #[test]
    fn one_way_or_none_shares_nothing() {
        assert_eq!(cuts(&["ABC"]), [vec![0; 0]]);
        assert_eq!(cuts(&[]), Vec::<Vec<usize>>::new());
    }

    mod properties {
        use proptest::prelude::*;

        use super::*;

        proptest! {
            /// Each part that is cut off ends with a group and is common to at least two chains. No group that two
            /// chains share is left uncut.
            #[test]
            fn cuts_are_right_and_none_is_missing(ways in prop::collection::vec("[ABab]{0,6}", 0..6)) {
                let words: Vec<&str> = ways.iter().map(String::as_str).collect();
                let cuts = cuts(&words);
                let common = |a: usize, b: usize| {
                    words[a].bytes().zip(words[b].bytes()).take_while(|(a, b)| a == b).count()
                };
                for (way, own) in cuts.iter().enumerate() {
                    prop_assert!(own.is_sorted());
                    for &cut in own {
                        prop_assert!(cut < words[way].len());
                        prop_assert!(words[way].as_bytes()[cut - 1].is_ascii_uppercase());
                        let others = (0..words.len()).filter(|other| {
                            *other != way && common(way, *other) >= cut && cuts[*other].contains(&cut)
                        });
                        prop_assert!(others.count() > 0, "{words:?} {cuts:?}");
                    }
                }
                for a in 0..words.len() {
                    for b in a + 1..words.len() {
                        let shortest = words[a].len().min(words[b].len());
                        let shared = common(a, b).min(shortest.saturating_sub(1));
                        let last = words[a].as_bytes()[..shared].iter().rposition(u8::is_ascii_uppercase);
                        if let Some(last) = last {
                            prop_assert!(cuts[a].contains(&(last + 1)), "{words:?} {cuts:?}");
                            prop_assert!(cuts[b].contains(&(last + 1)), "{words:?} {cuts:?}");
                        }
                    }
                }
            }
        }
    }
}
