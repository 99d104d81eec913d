//! Pictures of the screen, with boxes drawn over them, and pieces cut out of them.

use askama::Template;

use super::link::{link, link_in};
use crate::log::{AreaFound, Candidate, ChangedArea, FrameRef, PointedOut};
use crate::plain_text::plain_line;

/// A picture of the screen with boxes over it.
#[derive(Template)]
#[template(path = "figure.html")]
pub(super) struct Figure {
    pub(super) src: String,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) caption: String,
    boxes: Vec<Marked>,
    /// Size of the labels, in pixels of the picture.
    font: u32,
}

/// A box over a picture, in pixels of it.
struct Marked {
    x: i64,
    y: i64,
    width: u32,
    height: u32,
    class: &'static str,
    label: Option<Label>,
}

struct Label {
    x: i64,
    y: i64,
    width: u32,
    height: u32,
    text: String,
    text_x: i64,
    text_y: i64,
}

/// The ways to draw a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    /// It matched, as it should: green.
    Wanted,
    /// It matched, although it must not: red.
    Unwanted,
    /// It did not match: each area has its own colour, and a second box shows the place where it was recorded.
    Missed,
}

impl Figure {
    /// A frame without boxes; none where its file is not in the run's folder.
    pub(super) fn of(frame: &FrameRef, caption: &str) -> Option<Self> {
        Some(Self {
            src: link(&frame.file)?,
            width: frame.width.max(1),
            height: frame.height.max(1),
            caption: caption.to_owned(),
            boxes: Vec::new(),
            // Readable where the picture is shown at about half its size.
            font: (frame.width / 52).clamp(9, 64),
        })
    }

    /// A frame of another run, whose folder is `folder` as seen from the report.
    pub(super) fn in_folder(folder: &str, frame: &FrameRef, caption: &str) -> Option<Self> {
        let src = link_in(folder, &frame.file)?;
        Some(Self {
            src,
            ..Self::of(frame, caption)?
        })
    }

    /// Draws the areas of a candidate.
    pub(super) fn draw(&mut self, candidate: &Candidate, drawn: Drawn) {
        for (number, area) in (1..).zip(&candidate.areas) {
            let moved = (area.x, area.y) != (area.recorded_x, area.recorded_y);
            if drawn == Drawn::Missed && moved {
                self.boxes.push(Marked {
                    x: area.recorded_x,
                    y: area.recorded_y,
                    width: area.width,
                    height: area.height,
                    class: "recorded",
                    label: None,
                });
            }
            let good = match drawn {
                Drawn::Wanted => true,
                Drawn::Unwanted => false,
                Drawn::Missed => area.ok,
            };
            self.boxes.push(Marked {
                x: area.x,
                y: area.y,
                width: area.width,
                height: area.height,
                class: if good { "good" } else { "bad" },
                label: Some(self.label(
                    format!("{number} · {:.2} of {:.2}", area.similarity, area.required),
                    (area.x, area.y),
                    area.height,
                )),
            });
        }
    }

    /// Draws where the screen changed although it was to stay as it was.
    pub(super) fn draw_change(&mut self, changed: &ChangedArea) {
        self.draw_labelled(changed, "bad", "changed".to_owned());
    }

    /// Draws the place that explains a failure.
    pub(super) fn point_out(&mut self, place: &PointedOut) {
        self.draw_labelled(&place.area, "pointed", plain_line(&place.label));
    }

    fn draw_labelled(&mut self, area: &ChangedArea, class: &'static str, label: String) {
        let corner = (i64::from(area.x), i64::from(area.y));
        let label = self.label(label, corner, area.height);
        self.boxes.push(Marked {
            x: corner.0,
            y: corner.1,
            width: area.width,
            height: area.height,
            class,
            label: Some(label),
        });
    }

    /// Draws a ring around the pixel that was clicked.
    pub(super) fn draw_click(&mut self, at: [u32; 2]) {
        let size = (self.width / 24).clamp(8, 64);
        let edge = |pixel: u32| i64::from(pixel) - i64::from(size / 2);
        self.boxes.push(Marked {
            x: edge(at[0]),
            y: edge(at[1]),
            width: size,
            height: size,
            class: "clicked",
            label: None,
        });
    }

    /// Above the box where there is room, else below, else inside; never off the sides.
    fn label(&self, text: String, corner: (i64, i64), box_height: u32) -> Label {
        let height = self.font + self.font / 2;
        let chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        // Digits of a sans-serif face are a little narrower than 0.6 em.
        let width = chars
            .saturating_mul(self.font * 6 / 10)
            .saturating_add(self.font);
        let room = (i64::from(self.width) - i64::from(width)).max(0);
        let x = corner.0.clamp(0, room);
        let above = corner.1.saturating_sub(i64::from(height));
        let below = corner.1.saturating_add(i64::from(box_height));
        let lowest = i64::from(self.height) - i64::from(height);
        let y = if above >= 0 {
            above
        } else if below <= lowest {
            below
        } else {
            corner.1
        };
        let y = y.clamp(0, lowest.max(0));
        Label {
            x,
            y,
            width,
            height,
            text,
            text_x: x + i64::from(self.font / 2),
            text_y: y + i64::from(self.font + self.font / 10),
        }
    }
}

/// Two pictures over each other: their difference, and a slider between them where scripts run.
pub(super) struct Overlay {
    /// The lower picture, with its size.
    pub(super) below: (String, u32, u32),
    /// The upper picture.
    pub(super) above: String,
    /// The place of its upper left corner, in pixels of the lower one.
    pub(super) offset: (i64, i64),
    /// The piece that is shown, in pixels of the lower one: x, y, width, height.
    pub(super) piece: (i64, i64, u32, u32),
    /// Width to show it at, in CSS pixels; none for all the width that there is.
    pub(super) shown_width: Option<u32>,
}

impl Overlay {
    /// Lays a whole picture over another one of the same size; none for pictures of different sizes.
    pub(super) fn of(below: &Figure, above: &Figure) -> Option<Self> {
        let size = (below.width, below.height);
        (size == (above.width, above.height)).then(|| Self {
            below: (below.src.clone(), below.width, below.height),
            above: above.src.clone(),
            offset: (0, 0),
            piece: (0, 0, below.width, below.height),
            shown_width: None,
        })
    }
}

/// A piece of a picture around an area.
pub(super) struct Crop {
    pub(super) src: String,
    /// Size of the whole picture, where it is known.
    pub(super) size: Option<(u32, u32)>,
    /// The piece, in pixels of the picture: x, y, width, height.
    pub(super) piece: (i64, i64, u32, u32),
    /// The area in it, in pixels of the picture.
    pub(super) area: (i64, i64, u32, u32),
    /// Width to show it at, in CSS pixels.
    pub(super) shown_width: u32,
}

impl Crop {
    /// Cuts out an area with some of what is around it.
    pub(super) fn of(
        src: String,
        size: Option<(u32, u32)>,
        at: (i64, i64),
        area: &AreaFound,
    ) -> Self {
        // An area of no size or a wild one must still give a piece that can be drawn.
        let (width, height) = (area.width.clamp(1, 16_384), area.height.clamp(1, 16_384));
        let around = (width.max(height) / 8).clamp(6, 40);
        let piece_width = width + 2 * around;
        Self {
            src,
            size,
            piece: (
                at.0.saturating_sub(i64::from(around)),
                at.1.saturating_sub(i64::from(around)),
                piece_width,
                height + 2 * around,
            ),
            area: (at.0, at.1, width, height),
            // Small areas are shown larger, so that a person sees what differs.
            shown_width: (piece_width * 2).clamp(96, 520),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> FrameRef {
        FrameRef {
            file: "s/frames/0001.png".into(),
            generation: 1,
            width: 1024,
            height: 768,
        }
    }

    fn area(x: i64, y: i64, width: u32, height: u32) -> AreaFound {
        AreaFound {
            x,
            y,
            width,
            height,
            recorded_x: x,
            recorded_y: y,
            similarity: 0.8,
            required: 0.96,
            ok: false,
        }
    }

    #[test]
    fn labels_stay_on_the_picture() {
        let figure = Figure::of(&frame(), "").expect("a picture");
        for area in [
            area(0, 0, 10, 10),
            area(1000, 760, 24, 8),
            area(0, 0, 1024, 768),
            area(-5_000, -5_000, 1, 1),
            area(i64::MAX, i64::MIN, u32::MAX, u32::MAX),
        ] {
            let label = figure.label("1".to_owned(), (area.x, area.y), area.height);
            assert!(
                label.x >= 0 && label.x + i64::from(label.width) <= 1024,
                "{area:?}"
            );
            assert!(
                label.y >= 0 && label.y + i64::from(label.height) <= 768,
                "{area:?}"
            );
        }
    }

    #[test]
    fn where_an_area_was_recorded_is_drawn_only_if_it_was_found_elsewhere() {
        let mut moved = area(10, 10, 5, 5);
        moved.recorded_x = 40;
        let candidate = Candidate {
            needle: "n".into(),
            error: 0.1,
            areas: vec![area(1, 1, 2, 2), moved],
            picture: None,
            workaround: None,
            texts: Vec::new(),
        };
        let mut figure = Figure::of(&frame(), "").expect("a picture");
        figure.draw(&candidate, Drawn::Missed);
        let classes: Vec<_> = figure.boxes.iter().map(|marked| marked.class).collect();
        assert_eq!(classes, ["bad", "recorded", "bad"]);
    }

    #[test]
    fn wild_areas_give_pieces_that_can_be_drawn() {
        for area in [
            area(i64::MIN, i64::MAX, 0, u32::MAX),
            area(0, 0, u32::MAX, 0),
        ] {
            let crop = Crop::of("x.png".into(), None, (area.x, area.y), &area);
            assert!(crop.piece.2 > 0 && crop.piece.3 > 0);
            assert!((96..=520).contains(&crop.shown_width));
        }
    }

    #[test]
    fn what_explains_a_failure_and_where_a_click_went_are_drawn() {
        let mut figure = Figure::of(&frame(), "the screen").expect("a figure");
        figure.point_out(&PointedOut {
            area: ChangedArea {
                x: 40,
                y: 60,
                width: 20,
                height: 10,
            },
            label: "only this\u{1b}[2J differs".into(),
        });
        figure.draw_click([12, 7]);
        let page = figure.render().expect("a picture");
        assert!(page.contains(r#"<rect class="pointed" x="40" y="60" width="20" height="10"/>"#));
        assert!(page.contains(">only this differs</text>"), "{page}");
        let size = (figure.width / 24).clamp(8, 64);
        let corner = i64::from(size) / 2;
        let ring = format!(
            r#"<rect class="clicked" x="{}" y="{}" width="{size}" height="{size}"/>"#,
            12 - corner,
            7 - corner
        );
        assert!(page.contains(&ring), "{page}");
    }
}
