//! Finds pairs of needles that match each other's picture.
//!
//! ```text
//! sketches of all needles  --every picture once-->  pairs that may match  --search-->  pairs that match
//! ```
//!
//! A set of a thousand needles with one tag has a million searches. Sketches leave a few of a hundred over. These are
//! put in clusters of needles that look alike, so that few pictures are read more than once more.

use std::collections::{BTreeMap, HashSet};

use needles::{FrameSketch, Needle, NeedleSketch, PreparedFrame, SearchRatio};
use rayon::prelude::*;

use super::Entry;
use super::own::tells_by_text;
use super::prepared::{PreparedSet, picture_of};
use super::real_tags::RealTags;

/// The positions of two needles, the smaller first.
type Pair = (usize, usize);

/// A needle, and the needle on whose picture it is searched.
type Search = (usize, usize);

/// Returns the pairs of needles with a common tag that match each other's picture, unless one is a part of the other on
/// purpose. Needles without a common tag are often cut from one screen, each for a different thing on it.
pub(super) fn matching(entries: &[Entry<'_>], sketches: &[Option<NeedleSketch>]) -> Vec<Pair> {
    let tags = RealTags::of(entries.iter().map(|(needle, _)| needle.as_ref()));
    let by_text: Vec<bool> = entries
        .iter()
        .map(|(needle, _)| tells_by_text(needle))
        .collect();
    let is_pair = |a: usize, b: usize| {
        a != b
            && !by_text[a]
            && !by_text[b]
            && tags.share(a, b)
            && !is_meant(entries[a].0, entries[b].0)
    };
    let pairs = sketched(entries, sketches, is_pair);
    let clusters = clusters(entries.len(), &pairs);
    let mut prepared = PreparedSet::new(entries.len());
    let one_way = searched(entries, &mut prepared, &clusters, pairs);
    let other_way = one_way.into_iter().map(|(a, b)| (b, a)).collect();
    let both = searched(entries, &mut prepared, &clusters, other_way);
    let mut pairs: Vec<Pair> = both.into_iter().map(|(b, a)| (a, b)).collect();
    pairs.sort_unstable();
    pairs
}

/// Returns true if one of two needles is a part of the other on purpose.
fn is_meant(a: &Needle, b: &Needle) -> bool {
    let is_part = |a: &Needle, b: &Needle| a.part_of().iter().any(|whole| whole == b.name());
    is_part(a, b) || is_part(b, a)
}

/// Returns the pairs that by their sketches may match each other's picture.
fn sketched(
    entries: &[Entry<'_>],
    sketches: &[Option<NeedleSketch>],
    is_pair: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<Pair> {
    let on_picture = |frame: usize| -> Vec<Search> {
        let others = (0..entries.len()).filter(|&needle| is_pair(needle, frame));
        let others: Vec<(usize, &NeedleSketch)> = others
            .filter_map(|needle| Some((needle, sketches[needle].as_ref()?)))
            .collect();
        // A picture that cannot be read has a finding of its own, and no sketch.
        if others.is_empty() || sketches[frame].is_none() {
            return Vec::new();
        }
        let Some(picture) = picture_of(entries[frame].1) else {
            return Vec::new();
        };
        let sketch = FrameSketch::of(&picture);
        let may_match = others.iter().filter(|(_, other)| other.may_match(&sketch));
        may_match.map(|(needle, _)| (*needle, frame)).collect()
    };
    let searches = (0..entries.len()).into_par_iter();
    let searches: HashSet<Search> = searches.flat_map_iter(on_picture).collect();
    let both = searches
        .iter()
        .filter(|(a, b)| a < b && searches.contains(&(*b, *a)));
    both.copied().collect()
}

/// Returns for each needle its place in an order that keeps needles together that are in pairs.
fn clusters(needles: usize, pairs: &[Pair]) -> Vec<usize> {
    let mut partners: Vec<Vec<usize>> = vec![Vec::new(); needles];
    for &(a, b) in pairs {
        partners[a].push(b);
        partners[b].push(a);
    }
    partners
        .iter_mut()
        .for_each(|partners| partners.sort_unstable());
    let mut places = vec![usize::MAX; needles];
    let mut next = 0;
    for first in 0..needles {
        let mut reached = vec![first];
        while let Some(needle) = reached.pop() {
            if places[needle] == usize::MAX {
                places[needle] = next;
                next += 1;
                reached.extend(partners[needle].iter().rev());
            }
        }
    }
    places
}

/// Returns the searches that find their needle.
fn searched(
    entries: &[Entry<'_>],
    prepared: &mut PreparedSet,
    places: &[usize],
    searches: Vec<Search>,
) -> Vec<Search> {
    let mut by_needle: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (needle, frame) in searches {
        by_needle.entry(needle).or_default().push(frame);
    }
    let mut wanted: Vec<usize> = by_needle.keys().copied().collect();
    wanted.sort_unstable_by_key(|&needle| places[needle]);
    let mut rest = &wanted[..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (part, later) = rest.split_at(prepared.load(entries, rest));
        rest = later;
        let mut by_frame: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for needle in part {
            for &frame in by_needle.get(needle).into_iter().flatten() {
                by_frame.entry(frame).or_default().push(*needle);
            }
        }
        let all: &PreparedSet = prepared;
        let matched = by_frame.into_par_iter().flat_map_iter(|(frame, needles)| {
            let matched = matched(all, &needles, entries[frame]);
            matched.into_iter().map(move |needle| (needle, frame))
        });
        found.extend(matched.collect::<Vec<Search>>());
    }
    found
}

/// Returns those of these needles that match a picture.
fn matched(prepared: &PreparedSet, needles: &[usize], (_, path): Entry<'_>) -> Vec<usize> {
    let Some(picture) = picture_of(path) else {
        return Vec::new();
    };
    let frame = PreparedFrame::new(picture);
    let is_there = |&&index: &&usize| {
        let needle = prepared.get(index);
        needle.is_some_and(|needle| {
            needles::find_if_there(needle, &frame, SearchRatio::MARGIN).is_some()
        })
    };
    needles.iter().filter(is_there).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_that_are_in_pairs_stand_together() {
        let places = clusters(6, &[(0, 4), (1, 3), (3, 5)]);
        assert_eq!(places, [0, 2, 5, 3, 1, 4]);
        assert_eq!(clusters(2, &[]), [0, 1]);
    }
}
