//! Looks for a needle on a frame: searches each match area and combines the results.

use super::outcome::{AreaMatch, Outcome};
use super::request::{Fit, SearchRequest};
use super::settled::Settled;
use super::similarity::{HOPELESS_MSE, Similarity};
use super::text_match::{TextMatch, TextReading};
use crate::matcher::frame::{PreparedFrame, Strip};
use crate::matcher::search::search;
use crate::matcher::template::{PreparedNeedle, Template, paintable};
use crate::needle::{Area, AreaKind, Freedom, Needle, SearchRatio};
use crate::rect::{Point, Rect};

/// Looks for a needle on a frame. Reports for each match area the best place and its similarity, also if the area
/// fails.
///
/// The best place has the least sum of squared differences in the search window. Among equal sums the place nearest to
/// the recorded place wins, then the smaller y, then the smaller x. An area whose similarity is 0 everywhere is
/// reported at its recorded place; [`Depth::Place`] finds the best place of such areas, too.
pub fn find(needle: &PreparedNeedle, frame: &PreparedFrame, ratio: SearchRatio) -> Outcome {
    find_to(needle, frame, ratio, Depth::Similarity)
}

/// Looks for a needle and stops at the first match area that fails. This is the cheapest search for a loop that waits.
///
/// The result is the same as that of [`find`].
pub fn find_if_there(
    needle: &PreparedNeedle,
    frame: &PreparedFrame,
    ratio: SearchRatio,
) -> Option<Outcome> {
    let outcome = find_to(needle, frame, ratio, Depth::Verdict);
    outcome.ok.then_some(outcome)
}

/// How much a search reports about areas that fail. Areas that match are reported exactly at every depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Only that the area fails: similarity 0 at the recorded place. Areas after the first failing one are not
    /// searched.
    Verdict,
    /// The similarity and the place, unless the similarity is 0 everywhere.
    Similarity,
    /// Always the best place. This can take a thousand times longer.
    Place,
}

/// Looks for a needle, and searches failing areas to this depth.
pub fn find_to(
    needle: &PreparedNeedle,
    frame: &PreparedFrame,
    ratio: SearchRatio,
    depth: Depth,
) -> Outcome {
    let screen = frame.picture();
    let painted = paintable(&needle.excludes, screen.width(), screen.height());
    let mut moved = None;
    let mut gave_up = false;
    let mut areas = Vec::with_capacity(needle.templates.len());
    for (index, template) in &needle.templates {
        let area = &needle.needle().areas()[*index];
        let nowhere = AreaResult {
            place: area.rect,
            similarity: Similarity::NONE,
            ok: false,
        };
        let found = match template {
            Some(template) if !gave_up => {
                let size = (needle.width, needle.height);
                let search = AreaSearch {
                    area,
                    template,
                    size,
                    frame,
                    painted: &painted,
                    ratio,
                    depth,
                };
                search.find(moved).unwrap_or(nowhere)
            }
            Some(_) => nowhere,
            // os-autoinst reports an area that it cannot compare at this place.
            None => AreaResult {
                place: Rect {
                    x: 0,
                    y: 0,
                    ..area.rect
                },
                ..nowhere
            },
        };
        // A recorded place may be near the limits of `i32`, because needle files may contain any numbers.
        moved.get_or_insert((
            found.place.x.saturating_sub(area.rect.x),
            found.place.y.saturating_sub(area.rect.y),
        ));
        gave_up |= depth == Depth::Verdict && !found.ok;
        areas.push(AreaMatch {
            area: *index,
            place: found.place,
            similarity: found.similarity,
            level: area.level,
            ok: found.ok,
        });
    }
    let squares = areas
        .iter()
        .map(|area| (1.0 - area.similarity.value()).powi(2));
    // A needle that is only read has no match area: its picture is never wrong.
    let error = squares.sum::<f64>() / areas.len().max(1) as f64;
    let whole = Rect::new(0, 0, screen.width(), screen.height());
    let texts = texts(needle.needle(), &areas, moved.unwrap_or((0, 0)), whole);
    let is_wrong = |text: &TextMatch| matches!(text.reading, TextReading::Differs { .. });
    Outcome {
        needle: needle.needle().clone(),
        ok: areas.iter().all(|area| area.ok) && !texts.iter().any(is_wrong),
        error,
        areas,
        texts,
    }
}

/// Returns the areas whose text decides the match. `moved` is the distance that the first match area has moved.
fn texts(
    needle: &Needle,
    found: &[AreaMatch],
    (dx, dy): (i32, i32),
    screen: Rect,
) -> Vec<TextMatch> {
    let deciding = |(_, area): &(usize, &Area)| {
        area.text.is_some() && matches!(area.kind, AreaKind::Match | AreaKind::Ocr)
    };
    let text = |(index, area): (usize, &Area)| {
        let found = found.iter().find(|found| found.area == index);
        let place = match (found, area.freedom) {
            (Some(found), _) => found.place,
            (None, Freedom::Alone) => area.rect,
            (None, Freedom::Anchored) => Rect {
                x: area.rect.x.saturating_add(dx),
                y: area.rect.y.saturating_add(dy),
                ..area.rect
            },
        };
        let visible = place.intersection(&screen);
        TextMatch {
            area: index,
            place: visible.unwrap_or(place),
            reading: match visible {
                Some(_) => TextReading::Unread,
                // No text can be read outside the screen.
                None => TextReading::Differs {
                    read: String::new(),
                },
            },
        }
    };
    let areas = needle.areas().iter().enumerate();
    areas.filter(deciding).map(text).collect()
}

/// The search for one area.
struct AreaSearch<'a> {
    area: &'a Area,
    template: &'a Template,
    /// The size of the needle's picture.
    size: (u32, u32),
    frame: &'a PreparedFrame,
    painted: &'a [Rect],
    ratio: SearchRatio,
    depth: Depth,
}

struct AreaResult {
    place: Rect,
    similarity: Similarity,
    ok: bool,
}

impl AreaSearch<'_> {
    /// Searches the area. Returns `None` if there is no place to compare at. `moved` is the distance that the first
    /// match area has moved.
    fn find(&self, moved: Option<(i32, i32)>) -> Option<AreaResult> {
        let rect = self.area.rect;
        let screen = self.frame.picture();
        if !rect.is_inside(screen.width(), screen.height()) {
            return Some(AreaResult {
                place: Rect { x: 0, y: 0, ..rect },
                similarity: Similarity::NONE,
                ok: false,
            });
        }
        let mut start = self.start();
        let mut margin = self.area.margin.effective(self.ratio);
        if let (Freedom::Anchored, Some((dx, dy))) = (self.area.freedom, moved) {
            start = Point {
                x: start.x.saturating_add(dx),
                y: start.y.saturating_add(dy),
            };
            margin = 0;
        }
        let nowhere = AreaResult {
            place: Rect {
                x: start.x,
                y: start.y,
                ..rect
            },
            similarity: Similarity::NONE,
            ok: false,
        };
        let Some(places) = self.places(start, margin) else {
            return Some(nowhere);
        };

        let samples = self.template.samples();
        let limit = self.area.level.greatest_ssd(samples);
        let bound = match self.depth {
            Depth::Verdict => limit?,
            // One less, because at this sum the similarity is zero.
            Depth::Similarity => (HOPELESS_MSE * samples - 1).max(limit.unwrap_or(0)),
            Depth::Place => u64::MAX,
        };
        let fit = self.fit(places, start, bound);
        Some(fit.map_or(nowhere, |fit| AreaResult {
            place: Rect {
                x: fit.place.x,
                y: fit.place.y,
                ..rect
            },
            similarity: Similarity::from_ssd(fit.ssd, samples),
            ok: limit.is_some_and(|limit| fit.ssd <= limit),
        }))
    }

    /// Returns the recorded place. On a screen of another size the place is scaled, but not the area.
    fn start(&self) -> Point {
        let scaled = |at: i32, screen: u32, needle: u32| {
            (i64::from(at) * i64::from(screen) / i64::from(needle)) as i32
        };
        let screen = self.frame.picture();
        Point {
            x: scaled(self.area.rect.x, screen.width(), self.size.0),
            y: scaled(self.area.rect.y, screen.height(), self.size.1),
        }
    }

    /// Returns the possible places of the area's upper left corner.
    fn places(&self, start: Point, margin: i64) -> Option<Rect> {
        let range = |start: i32, length: u32, screen: u32| {
            let from = (i64::from(start) - margin).max(0);
            let to = (i64::from(start) + i64::from(length) + margin).min(i64::from(screen));
            let count = to - from - i64::from(length) + 1;
            Some((
                i32::try_from(from).ok()?,
                u32::try_from(count).ok().filter(|count| *count > 0)?,
            ))
        };
        let screen = self.frame.picture();
        let (x, width) = range(start.x, self.area.rect.width, screen.width())?;
        let (y, height) = range(start.y, self.area.rect.height, screen.height())?;
        Some(Rect {
            x,
            y,
            width,
            height,
        })
    }

    fn fit(&self, places: Rect, start: Point, bound: u64) -> Option<Fit> {
        let (template, channels) = (self.template, self.template.channels);
        let request = SearchRequest {
            places,
            start,
            bound,
        };
        let known = self.frame.known(template.id, &request);
        if let Some(known) = &known
            && (known.places.intersection(&places) == Some(places) || known.is_exact_at(start))
        {
            self.frame.count(Settled::Known);
            return known.fit.filter(|fit| fit.ssd <= bound);
        }
        let (fit, settled) = if known.is_none() && self.is_unchanged(start) {
            let fit = Fit {
                place: start,
                ssd: 0,
            };
            (Some(fit), Settled::Unchanged)
        } else {
            let covered = Rect {
                width: places.width - 1 + self.area.rect.width,
                ..places
            };
            let strip = Strip::around(covered, self.frame.picture().width());
            let planes = if self.paint_shows(places) {
                self.frame.painted_planes(channels, strip, self.painted)
            } else {
                self.frame.planes(channels, strip)
            };
            let left = strip.left as i32;
            let request = request.counted_from(left);
            let known = known.map(|known| known.counted_from(left));
            let (fit, settled) = search(template, self.area.rect, &planes, request, known);
            (fit.map(|fit| fit.counted_from(-left)), settled)
        };
        self.frame.count(settled);
        let size = (self.area.rect.width, self.area.rect.height);
        self.frame.learn((template.id, size), &request, fit);
        fit
    }

    /// Returns true if exclude areas cover pixels that the template is compared with at these places.
    fn paint_shows(&self, places: Rect) -> bool {
        // The blur spreads paint by one pixel.
        let near = Rect::new(
            places.x - 1,
            places.y - 1,
            places.width + 1 + self.area.rect.width,
            places.height + 1 + self.area.rect.height,
        );
        let shows = |rect: &Rect| rect.intersection(&near).is_some();
        self.painted.iter().any(shows)
    }

    /// Returns true if the frame has exactly the needle's pixels at the recorded place. Needs neither gray nor blur.
    ///
    /// Only works for frames of the needle's size, where exclude areas and the mirrored border are at the same places.
    fn is_unchanged(&self, start: Point) -> bool {
        let screen = self.frame.picture();
        let pixels = &self.template.pixels;
        let is_recorded = (start.x, start.y) == (self.area.rect.x, self.area.rect.y);
        if !is_recorded || (screen.width(), screen.height()) != self.size {
            return false;
        }
        let columns = pixels.rect.x as usize..pixels.rect.right() as usize;
        let mut rows = pixels.rows().zip(pixels.rect.y as usize..);
        rows.all(|(recorded, y)| {
            let row = &screen.row(y)[columns.start * 3..columns.end * 3];
            let covered = self
                .painted
                .iter()
                .filter(|rect| rect.y as usize <= y && (y as i64) < rect.bottom());
            let mut covered: Vec<_> = covered
                .map(|rect| rect.x as usize..rect.right() as usize)
                .collect();
            covered.sort_unstable_by_key(|part| part.start);
            // Compares the columns before each covered part, then those after the last one.
            let mut from = columns.start;
            let end = columns.end..columns.end;
            covered.into_iter().chain([end]).all(|part| {
                let to = part.start.clamp(from, columns.end);
                let bytes = (from - columns.start) * 3..(to - columns.start) * 3;
                from = part.end.clamp(to, columns.end);
                row[bytes.clone()] == recorded[bytes]
            })
        })
    }
}
