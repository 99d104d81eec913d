//! Finds pairs of needles that match each other's picture.
//!
//! Every picture is decoded once for many needles, and the first needle of a pair is searched on the picture of the
//! second one. Only the few that match are searched the other way round.

use std::collections::BTreeMap;

use needles::{Needle, PreparedFrame, PreparedNeedle, SearchRatio};
use rayon::prelude::*;

use super::Entry;
use super::own::tells_by_text;
use super::prepared::{PreparedSet, picture_of};
use super::real_tags::RealTags;

/// The positions of two needles, the smaller first.
type Pair = (usize, usize);

/// Returns the pairs of needles with a common tag that match each other's picture, unless one is a part of the other on
/// purpose. Needles without a common tag are often cut from one screen, each for a different thing on it.
///
/// `prepared` has the needles that are prepared already.
pub(super) fn matching(
    entries: &[Entry<'_>],
    prepared: Vec<Option<PreparedNeedle>>,
) -> Vec<Pair> {
    let tags = RealTags::of(entries.iter().map(|(needle, _)| needle.as_ref()));
    let by_text: Vec<bool> = entries
        .iter()
        .map(|(needle, _)| tells_by_text(needle))
        .collect();
    let is_pair = |&(a, b): &Pair| {
        !by_text[a]
            && !by_text[b]
            && tags.share(a, b)
            && !is_meant(entries[a].0, entries[b].0)
    };
    let mut prepared = PreparedSet::new(prepared);
    let mut one_way = one_way(entries, &mut prepared, is_pair);
    one_way.sort_unstable();
    let mut both = other_way(entries, &mut prepared, &one_way);
    both.sort_unstable();
    both
}

/// Returns true if one of two needles is a part of the other on purpose.
fn is_meant(a: &Needle, b: &Needle) -> bool {
    let is_part = |a: &Needle, b: &Needle| a.part_of().iter().any(|whole| whole == b.name());
    is_part(a, b) || is_part(b, a)
}

/// Returns the pairs whose first needle matches the picture of the second one.
fn one_way(
    entries: &[Entry<'_>],
    prepared: &mut PreparedSet,
    is_pair: impl Fn(&Pair) -> bool + Sync,
) -> Vec<Pair> {
    let partners = |a: usize| (a + 1..entries.len()).any(|b| is_pair(&(a, b)));
    let wanted: Vec<usize> = (0..entries.len())
        .into_par_iter()
        .filter(|&a| partners(a))
        .collect();
    let mut rest = wanted;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let part = prepared.load(entries, &rest);
        rest.retain(|a| part.binary_search(a).is_err());
        let all: &PreparedSet = prepared;
        let matched = (0..entries.len()).into_par_iter().flat_map_iter(|b| {
            let earlier = part.iter().copied().take_while(|&a| a < b);
            let firsts: Vec<usize> = earlier.filter(|&a| is_pair(&(a, b))).collect();
            let matched = matched(all, &firsts, entries[b]);
            matched.into_iter().map(move |a| (a, b))
        });
        found.extend(matched.collect::<Vec<Pair>>());
    }
    found
}

/// Returns those of these pairs whose second needle matches the picture of the first one.
fn other_way(entries: &[Entry<'_>], prepared: &mut PreparedSet, pairs: &[Pair]) -> Vec<Pair> {
    let mut seconds: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(a, b) in pairs {
        seconds.entry(b).or_default().push(a);
    }
    let mut rest: Vec<usize> = seconds.keys().copied().collect();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let part = prepared.load(entries, &rest);
        rest.retain(|b| part.binary_search(b).is_err());
        let mut by_picture: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &b in &part {
            for &a in seconds.get(&b).into_iter().flatten() {
                by_picture.entry(a).or_default().push(b);
            }
        }
        let all: &PreparedSet = prepared;
        let matched = by_picture.into_par_iter().flat_map_iter(|(a, needles)| {
            let matched = matched(all, &needles, entries[a]);
            matched.into_iter().map(move |b| (a, b))
        });
        found.extend(matched.collect::<Vec<Pair>>());
    }
    found
}

/// Returns those of these needles that match a picture.
fn matched(prepared: &PreparedSet, needles: &[usize], (_, path): Entry<'_>) -> Vec<usize> {
    if needles.is_empty() {
        return Vec::new();
    }
    // A picture that cannot be read has a finding of its own.
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
