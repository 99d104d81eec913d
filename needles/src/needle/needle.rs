//! A needle: a name, tags and areas.

use super::area::{Area, AreaKind, Freedom};
use super::needle_error::NeedleError;
use super::workaround::Workaround;

/// A needle file that was read and checked: it has at least one area that decides, and its click points can be told
/// apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Needle {
    name: String,
    tags: Vec<String>,
    areas: Vec<Area>,
    workaround: Option<Workaround>,
    part_of: Vec<String>,
    /// The file as read, so that writing it keeps keys that this program does not know.
    source: Box<[u8]>,
}

/// The list `properties` of a needle file.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    pub(crate) workaround: Option<Workaround>,
    pub(crate) part_of: Vec<String>,
}

impl Needle {
    /// Makes a needle without a file.
    ///
    /// # Errors
    /// No match area and no text to read, or several click points that cannot be told apart.
    pub fn new(name: &str, tags: Vec<String>, areas: Vec<Area>) -> Result<Self, NeedleError> {
        Self::checked(name, tags, areas, Properties::default(), Box::default())
    }

    pub(crate) fn checked(
        name: &str,
        tags: Vec<String>,
        areas: Vec<Area>,
        properties: Properties,
        source: Box<[u8]>,
    ) -> Result<Self, NeedleError> {
        if !areas
            .iter()
            .any(|area| area.kind == AreaKind::Match || area.is_read())
        {
            return Err(NeedleError::NoMatchArea {
                name: name.to_owned(),
            });
        }
        let points = areas.iter().filter_map(|area| area.click_point.as_ref());
        if points.clone().count() > 1 && points.clone().any(|point| point.id.is_none()) {
            return Err(NeedleError::ClickPointsWithoutId {
                name: name.to_owned(),
            });
        }
        let first = areas.iter().find(|area| area.kind == AreaKind::Match);
        if first.is_some_and(|area| area.freedom == Freedom::Anchored) {
            return Err(NeedleError::AnchoredFirst {
                name: name.to_owned(),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            tags,
            areas,
            workaround: properties.workaround,
            part_of: properties.part_of,
            source,
        })
    }

    /// Returns the name: that of the file, without `.json`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the tags, in file order.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// Returns all areas, in file order.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Returns the areas that must be found, in file order. There is at least one, unless the needle [is only
    /// read](Needle::is_only_read).
    pub fn match_areas(&self) -> impl Iterator<Item = &Area> {
        self.areas
            .iter()
            .filter(|area| area.kind == AreaKind::Match)
    }

    /// Returns true if the needle has no match area: the text of its `ocr` areas alone decides.
    pub fn is_only_read(&self) -> bool {
        self.match_areas().next().is_none()
    }

    /// Returns the mark of a known defect, if the needle has one.
    pub fn workaround(&self) -> Option<&Workaround> {
        self.workaround.as_ref()
    }

    /// Returns the needles of which this one is meant to be a part: it matches their pictures, too. The file says so by
    /// the property `part-of:NAME`.
    pub fn part_of(&self) -> &[String] {
        &self.part_of
    }

    /// Returns true if the needle has this tag. The whole word must be equal, including its case.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// Returns the file, byte for byte. Empty for a needle made with [`Needle::new`].
    pub fn source(&self) -> &[u8] {
        &self.source
    }
}
