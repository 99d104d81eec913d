//! The pace of a video: long waits are shortened, and marked.
//!
//! ```text
//! beats         |           |                    |          a step or an input begins or ends
//! changes       |  . .. .   |. . . . . . . . . . |          the screen changes
//!               real time,   at most LONGEST_MS,
//!               stills at    played faster:
//!               most STILL_MS `15 times faster`
//! ```

use super::moments::Moment;
use super::scene::Scene;
use super::view::View;
use crate::duration::human_duration;

/// A screen that does not change is shown at most this long, in milliseconds.
const STILL_MS: u64 = 1_500;

/// So much time must be left out for a mark, in milliseconds.
const MARKED_MS: u64 = 2_000;

/// The time between two beats takes at most this long, in milliseconds.
const LONGEST_MS: u64 = 6_000;

/// The whole video takes about this long at most, in milliseconds.
const WHOLE_MS: u64 = 180_000;

/// The time between two moments.
#[derive(Debug, Clone, Copy)]
struct Gap {
    at_ms: u64,
    real_ms: u64,
    /// The time that it takes in the video.
    video_ms: u64,
}

impl Gap {
    fn of(from: Moment, to: Moment) -> Self {
        let real_ms = to.at_ms - from.at_ms;
        Self {
            at_ms: from.at_ms,
            real_ms,
            video_ms: real_ms.min(STILL_MS),
        }
    }

    fn is_shortened(&self) -> bool {
        self.real_ms.saturating_sub(STILL_MS) >= MARKED_MS
    }
}

/// Returns the scenes between these moments.
pub(super) fn pace(view: &View<'_>, moments: &[Moment]) -> Vec<Scene> {
    let gaps = moments
        .windows(2)
        .map(|pair| (pair[0], Gap::of(pair[0], pair[1])));
    let mut parts: Vec<Vec<Gap>> = Vec::new();
    for (from, gap) in gaps {
        match parts.last_mut() {
            Some(part) if !from.is_beat => part.push(gap),
            Some(_) | None => parts.push(vec![gap]),
        }
    }
    let faster: Vec<u64> = parts.iter_mut().map(|part| squeeze(part)).collect();
    let whole: u64 = parts.iter().flatten().map(|gap| gap.video_ms).sum();
    if whole > WHOLE_MS {
        for gap in parts.iter_mut().flatten() {
            gap.video_ms = part_of(gap.video_ms, WHOLE_MS, whole);
        }
    }
    let scenes = parts.iter().zip(faster);
    let scenes = scenes.flat_map(|(part, times)| {
        let part = part.iter().filter(|gap| gap.video_ms > 0);
        part.flat_map(move |gap| scenes_of(view, *gap, times))
    });
    scenes.collect()
}

/// Shortens the gaps between two beats if they take too long together. Returns how many times faster they are.
fn squeeze(part: &mut [Gap]) -> u64 {
    let sum: u64 = part.iter().map(|gap| gap.video_ms).sum();
    if sum <= LONGEST_MS {
        return 1;
    }
    for gap in part.iter_mut() {
        gap.video_ms = part_of(gap.video_ms, LONGEST_MS, sum);
    }
    sum.div_ceil(LONGEST_MS)
}

fn part_of(ms: u64, of: u64, whole: u64) -> u64 {
    // Neither is larger than the time of some thousand stills.
    ms.saturating_mul(of) / whole.max(1)
}

/// Returns the scenes of a gap: one, or two where a mark tells that time is left out.
fn scenes_of(view: &View<'_>, gap: Gap, times: u64) -> Vec<Scene> {
    let scene = view.scene_at(gap.at_ms);
    let faster = (times > 1).then(|| format!("{times} times faster"));
    if !gap.is_shortened() {
        return vec![Scene {
            ms: gap.video_ms,
            later: faster,
            ..scene
        }];
    }
    let later = format!("{} later", human_duration(gap.real_ms));
    let first = gap.video_ms / 2;
    vec![
        Scene {
            ms: first,
            later: faster,
            ..scene.clone()
        },
        Scene {
            ms: gap.video_ms - first,
            later: Some(later),
            ..scene
        },
    ]
}
