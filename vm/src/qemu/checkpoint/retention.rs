//! Chooses the checkpoints that a full store removes. Needs no disk and no clock.

use std::{
    collections::{HashMap, HashSet},
    time::SystemTime,
};

use super::{CheckpointKey, PruneLimits};

/// The facts of a checkpoint that count for the choice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub key: CheckpointKey,
    pub parent: Option<CheckpointKey>,
    /// Bytes on disk.
    pub stored: u64,
    pub used: SystemTime,
    /// True if a process uses it. Such a process uses its ancestors as well.
    pub in_use: bool,
    /// True if no machine can start from it any more.
    pub damaged: bool,
}

/// Returns the keys to remove, in order: children before their parents, first those that cannot be used, then those
/// with the longest time since their last use. A checkpoint counts as used when a child of it is.
pub(super) fn leaving(kept: &[Kept], limits: &PruneLimits, now: SystemTime) -> Vec<CheckpointKey> {
    let mut left = Vec::new();
    let mut present = with_use_of_children(kept);
    let mut total: u64 = kept.iter().map(|kept| kept.stored).sum();
    loop {
        let parents: HashSet<_> = present.iter().filter_map(|kept| kept.parent).collect();
        let first = present
            .iter()
            .enumerate()
            .filter(|(_, kept)| !kept.in_use && !parents.contains(&kept.key))
            .min_by_key(|(_, kept)| (!kept.damaged, kept.used, kept.key));
        let Some((index, first)) = first else {
            return left;
        };
        let idle = now.duration_since(first.used).unwrap_or_default();
        let too_old = limits.unused_for.is_some_and(|longest| idle >= longest);
        if !(first.damaged || too_old || total > limits.bytes) {
            return left;
        }
        total -= first.stored;
        left.push(first.key);
        present.swap_remove(index);
    }
}

fn with_use_of_children(kept: &[Kept]) -> Vec<Kept> {
    let mut all: Vec<Kept> = kept.to_vec();
    let places: HashMap<_, _> = (0..).zip(kept).map(|(at, kept)| (kept.key, at)).collect();
    for one in kept {
        let mut seen = HashSet::from([one.key]);
        let mut parent = one.parent;
        while let Some(key) = parent {
            let Some(&place) = places.get(&key) else {
                break;
            };
            if !seen.insert(key) {
                // A loop has no first member, so it is cut.
                all[places[&one.key]].parent = None;
                break;
            }
            let above: &mut Kept = &mut all[place];
            above.used = above.used.max(one.used);
            parent = kept[place].parent;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_000;

    fn key(number: u8) -> CheckpointKey {
        CheckpointKey::from_bytes([number; 32])
    }

    /// A checkpoint of ten bytes, used at a second.
    fn kept(number: u8, parent: Option<u8>, used: u64) -> Kept {
        Kept {
            key: key(number),
            parent: parent.map(key),
            stored: 10,
            used: UNIX_EPOCH + Duration::from_secs(used),
            in_use: false,
            damaged: false,
        }
    }

    fn check(all: &[Kept], bytes: u64, unused_for: Option<u64>, expected: &[u8]) {
        let limits = PruneLimits {
            bytes,
            unused_for: unused_for.map(Duration::from_secs),
        };
        let now = UNIX_EPOCH + Duration::from_secs(NOW);
        let expected: Vec<_> = expected.iter().copied().map(key).collect();
        assert_eq!(leaving(all, &limits, now), expected);
    }

    #[test]
    fn what_fits_stays() {
        check(&[], 0, None, &[]);
        check(&[kept(1, None, 1), kept(2, Some(1), 2)], 20, None, &[]);
    }

    #[test]
    fn the_longest_unused_leave_first_and_no_more_than_needed() {
        let all = [kept(1, None, 30), kept(2, None, 10), kept(3, None, 20)];
        check(&all, 29, None, &[2]);
        check(&all, 15, None, &[2, 3]);
        check(&all, 0, None, &[2, 3, 1]);
    }

    #[test]
    fn a_used_child_keeps_its_parents_young() {
        let all = [
            kept(1, None, 1),
            kept(2, Some(1), 2),
            kept(3, Some(2), 90),
            kept(4, None, 50),
        ];
        check(&all, 30, None, &[4]);
        check(&all, 0, None, &[4, 3, 2, 1]);
    }

    #[test]
    fn what_somebody_uses_stays_with_its_parents() {
        let mut all = [kept(1, None, 1), kept(2, Some(1), 2), kept(3, Some(1), 3)];
        all[0].in_use = true;
        all[1].in_use = true;
        check(&all, 0, None, &[3]);
    }

    #[test]
    fn the_long_unused_leave_even_when_there_is_room() {
        let all = [
            kept(1, None, 100),
            kept(2, Some(1), 500),
            kept(3, None, 400),
        ];
        check(&all, 1_000, Some(550), &[3]);
        check(&all, 1_000, Some(2_000), &[]);
    }

    #[test]
    fn what_cannot_be_used_leaves_even_when_there_is_room() {
        let mut all = [kept(1, None, 900), kept(2, Some(1), 950), kept(3, None, 1)];
        all[0].damaged = true;
        all[1].damaged = true;
        check(&all, 1_000, None, &[2, 1]);
    }

    #[test]
    fn a_loop_leaves_like_any_other() {
        let mut all = [
            kept(1, Some(2), 1),
            kept(2, Some(1), 2),
            kept(3, Some(3), 3),
        ];
        for one in &mut all {
            one.damaged = true;
        }
        let limits = PruneLimits {
            bytes: 0,
            unused_for: None,
        };
        assert_eq!(leaving(&all, &limits, UNIX_EPOCH).len(), 3);
    }

    proptest! {
        #[test]
        fn no_parent_leaves_before_its_children_and_the_limit_holds(
            rows in prop::collection::vec((0..20_u8, 0..NOW, any::<bool>()), 0..20),
            bytes in 0..250_u64,
        ) {
            let mut all: Vec<Kept> = Vec::new();
            for (number, (parent, used, in_use)) in (0_u8..).zip(rows) {
                let parent = (parent < number).then_some(parent);
                let mut one = kept(number, parent, used);
                one.in_use = in_use;
                all.push(one);
            }
            // A lease holds the ancestors as well.
            for index in (0..all.len()).rev() {
                if let (true, Some(parent)) = (all[index].in_use, all[index].parent) {
                    let place = all.iter().position(|kept| kept.key == parent).unwrap();
                    all[place].in_use = true;
                }
            }
            let limits = PruneLimits { bytes, unused_for: None };
            let left = leaving(&all, &limits, UNIX_EPOCH + Duration::from_secs(NOW));
            let place = |key| left.iter().position(|left| *left == key);
            for one in &all {
                prop_assert!(!(one.in_use && place(one.key).is_some()));
                if let (Some(mine), Some(parent)) = (place(one.key), one.parent) {
                    prop_assert!(place(parent).is_none_or(|parent| mine < parent));
                }
                if let (None, Some(parent)) = (place(one.key), one.parent) {
                    prop_assert!(place(parent).is_none());
                }
            }
            let remaining: u64 = all.iter().filter(|one| place(one.key).is_none()).map(|one| one.stored).sum();
            let held = all.iter().all(|one| one.in_use || place(one.key).is_some());
            prop_assert!(remaining <= bytes || held);
        }
    }
}
