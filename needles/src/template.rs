use crate::smooth::{Channel, Plane};
use crate::{Area, Channels, Picture, Rect};

/// The pixels of one match area, as they are compared.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: Channels,
    planes: Vec<Plane>,
}

impl Template {
    /// Cuts an area out of its picture, on which it must lie. `painted` is covered first.
    pub(crate) fn cut(picture: &Picture, area: &Area, painted: &[Rect]) -> Self {
        let channels = Channel::of(area.channels).iter();
        let planes = channels.map(|&channel| Plane::of(picture, area.rect, channel, painted));
        Self {
            width: area.rect.width as usize,
            height: area.rect.height as usize,
            channels: area.channels,
            planes: planes.collect(),
        }
    }

    /// How many numbers are compared at each place.
    pub(crate) fn samples(&self) -> u64 {
        (self.width * self.height * self.planes.len()) as u64
    }

    /// The levels of one row, plane by plane.
    pub(crate) fn rows(&self, y: usize) -> impl Iterator<Item = &[u8]> {
        self.planes
            .iter()
            .map(move |plane| plane.run(plane.rect.x, plane.rect.y + y as i32, self.width))
    }

    /// The bytes it holds.
    pub(crate) fn memory(&self) -> usize {
        self.planes.iter().map(Plane::memory).sum()
    }
}
