//! Puts spans of time on lanes, so that two of one lane are either apart or one is inside the other.

/// A span of time, in milliseconds from the beginning of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
}

impl Span {
    /// Returns the span that begins here and takes so long.
    pub(super) fn lasting(from_ms: u64, duration_ms: u64) -> Self {
        Self {
            from_ms,
            to_ms: from_ms.saturating_add(duration_ms),
        }
    }
}

/// The lanes of some spans.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// For each lane, the places of its spans in the order in which they begin.
    lanes: Vec<Vec<usize>>,
}

impl Lanes {
    pub(super) fn of(spans: &[Span]) -> Self {
        let mut order: Vec<usize> = (0..spans.len()).collect();
        // The longer one first: it may hold the others.
        order.sort_by_key(|&place| {
            let span = spans[place];
            (span.from_ms, std::cmp::Reverse(span.to_ms), place)
        });
        let mut lanes: Vec<(Vec<usize>, Vec<u64>)> = Vec::new();
        for place in order {
            let span = spans[place];
            let fits = |(_, open): &mut (Vec<usize>, Vec<u64>)| {
                while open.last().is_some_and(|end| *end <= span.from_ms) {
                    open.pop();
                }
                open.last().is_none_or(|end| *end >= span.to_ms)
            };
            let lane = match lanes.iter_mut().position(fits) {
                Some(lane) => lane,
                None => {
                    lanes.push((Vec::new(), Vec::new()));
                    lanes.len() - 1
                }
            };
            lanes[lane].0.push(place);
            lanes[lane].1.push(span.to_ms);
        }
        Self {
            lanes: lanes.into_iter().map(|(places, _)| places).collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.lanes.len()
    }

    pub(super) fn places_of(&self, lane: usize) -> impl Iterator<Item = usize> {
        self.lanes.get(lane).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lanes(spans: &[(u64, u64)]) -> Vec<Vec<usize>> {
        let spans: Vec<Span> = spans
            .iter()
            .map(|&(from_ms, to_ms)| Span { from_ms, to_ms })
            .collect();
        Lanes::of(&spans).lanes
    }

    #[test]
    fn what_is_inside_or_after_shares_a_lane_and_what_overlaps_does_not() {
        assert_eq!(lanes(&[(0, 9), (1, 3), (3, 9), (9, 12)]), [[0, 1, 2, 3]]);
        assert_eq!(lanes(&[(0, 5), (3, 8), (5, 6)]), [vec![0, 2], vec![1]]);
        assert_eq!(lanes(&[(4, 4), (4, 6)]), [[1, 0]]);
        assert!(lanes(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn every_span_has_one_place_and_none_crosses_another(
            all in proptest::collection::vec((0_u64..50, 0_u64..20), 0..40)
        ) {
            let spans: Vec<Span> = all.iter().map(|&(at, for_ms)| Span::lasting(at, for_ms)).collect();
            let lanes = Lanes::of(&spans);
            let mut seen: Vec<usize> = (0..lanes.count()).flat_map(|lane| lanes.places_of(lane)).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..spans.len()).collect::<Vec<_>>());
            for lane in 0..lanes.count() {
                let own: Vec<Span> = lanes.places_of(lane).map(|place| spans[place]).collect();
                for (one, other) in own.iter().flat_map(|one| own.iter().map(move |other| (one, other))) {
                    let crosses = one.from_ms < other.from_ms && other.from_ms < one.to_ms && one.to_ms < other.to_ms;
                    prop_assert!(!crosses, "{one:?} {other:?}");
                }
            }
        }
    }
}
