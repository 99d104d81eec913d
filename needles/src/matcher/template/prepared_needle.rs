use std::sync::Arc;

use super::template::Template;
use crate::needle::{AreaKind, Needle};
use crate::picture::Picture;
use crate::rect::Rect;

/// A needle with its picture's match areas, ready to be compared with any number of frames.
#[derive(Debug)]
pub struct PreparedNeedle {
    needle: Arc<Needle>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The exclude rectangles, wherever they lie.
    pub(crate) excludes: Vec<Rect>,
    /// One a match area, in file order: the area's number, and its pixels unless it isn't on the picture.
    pub(crate) templates: Vec<(usize, Option<Template>)>,
}

impl PreparedNeedle {
    /// Cuts out the match areas; gray and blur are computed when first needed. The picture itself is kept only where
    /// the areas are a large part of it.
    pub fn new(needle: Arc<Needle>, picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let excludes = needle
            .areas()
            .iter()
            .filter(|area| area.kind == AreaKind::Exclude);
        let excludes: Vec<Rect> = excludes.map(|area| area.rect).collect();
        let painted: Vec<Rect> = paintable(&excludes, width, height);
        let matching = needle
            .areas()
            .iter()
            .enumerate()
            .filter(|(_, area)| area.kind == AreaKind::Match);
        let templates = matching
            .map(|(index, area)| {
                let usable = !area.rect.is_empty() && area.rect.is_inside(width, height);
                (
                    index,
                    usable.then(|| Template::cut(picture, area, &painted)),
                )
            })
            .collect();
        Self {
            needle,
            width,
            height,
            excludes,
            templates,
        }
    }

    /// The needle.
    pub fn needle(&self) -> &Arc<Needle> {
        &self.needle
    }

    /// Width and height of the picture that it was cut from, in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// About how many bytes it holds.
    pub fn memory(&self) -> usize {
        let templates = self
            .templates
            .iter()
            .filter_map(|(_, template)| template.as_ref());
        let fixed = self.needle.source().len() + size_of::<Self>();
        templates.map(Template::memory).sum::<usize>() + fixed
    }
}

/// The rectangles that are painted on a picture of this size: those that are wholly on it. Others are
/// skipped, as os-autoinst does.
pub(crate) fn paintable(excludes: &[Rect], width: u32, height: u32) -> Vec<Rect> {
    let usable = |rect: &&Rect| !rect.is_empty() && rect.is_inside(width, height);
    excludes.iter().filter(usable).copied().collect()
}
