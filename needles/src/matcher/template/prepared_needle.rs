//! A needle with the pixels of its match areas.

use std::sync::Arc;

use super::template::Template;
use crate::needle::{AreaKind, Needle};
use crate::picture::Picture;
use crate::rect::Rect;

/// A needle with the pixels of its match areas, ready to be compared with any number of frames.
#[derive(Debug)]
pub struct PreparedNeedle {
    needle: Arc<Needle>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The exclude rectangles, also those that lie outside the picture.
    pub(crate) excludes: Vec<Rect>,
    /// For each match area, in file order: its number and its pixels. No pixels if it lies outside the picture.
    pub(crate) templates: Vec<(usize, Option<Template>)>,
}

impl PreparedNeedle {
    /// Cuts out the match areas. Gray and blur are computed on first use. Keeps the whole picture only if the areas are
    /// a large part of it.
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

    /// Returns the needle.
    pub fn needle(&self) -> &Arc<Needle> {
        &self.needle
    }

    /// Returns the width and height in pixels of the picture that the needle was cut from.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Returns the approximate number of bytes that the value uses.
    pub fn memory(&self) -> usize {
        let templates = self
            .templates
            .iter()
            .filter_map(|(_, template)| template.as_ref());
        let fixed = self.needle.source().len() + size_of::<Self>();
        templates.map(Template::memory).sum::<usize>() + fixed
    }
}

/// Returns the rectangles that are painted on a picture of this size: those that lie entirely on it. os-autoinst skips
/// the others, too.
pub(crate) fn paintable(excludes: &[Rect], width: u32, height: u32) -> Vec<Rect> {
    let usable = |rect: &&Rect| !rect.is_empty() && rect.is_inside(width, height);
    excludes.iter().filter(usable).copied().collect()
}
