use super::area::{Area, AreaKind, Freedom};
use super::needle_error::NeedleError;
use super::workaround::Workaround;

/// A needle file, read and checked: it has at least one match area, and its click points can be told apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Needle {
    name: String,
    tags: Vec<String>,
    areas: Vec<Area>,
    workaround: Option<Workaround>,
    part_of: Vec<String>,
    /// The file as it was read, so that a rewrite keeps what this program doesn't know.
    source: Box<[u8]>,
}

/// What the list `properties` of a needle file says.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    pub(crate) workaround: Option<Workaround>,
    pub(crate) part_of: Vec<String>,
}

impl Needle {
    /// A needle made here instead of read.
    ///
    /// # Errors
    /// No match area, or several click points that can't be told apart.
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
        if !areas.iter().any(|area| area.kind == AreaKind::Match) {
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

    /// Its name: the file's, without `.json`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it can be asked by, in file order.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// All its areas, in file order.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The areas that must be found, in file order; at least one.
    pub fn match_areas(&self) -> impl Iterator<Item = &Area> {
        self.areas
            .iter()
            .filter(|area| area.kind == AreaKind::Match)
    }

    /// The mark of a known defect, if it has one.
    pub fn workaround(&self) -> Option<&Workaround> {
        self.workaround.as_ref()
    }

    /// The needles of which it is meant to be a part: it matches their pictures, too. Written as a
    /// property `part-of:NAME`.
    pub fn part_of(&self) -> &[String] {
        &self.part_of
    }

    /// Whether it carries this tag: the whole word, in the same case.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// The file it was read from, byte for byte; empty for a needle made with [`Needle::new`].
    pub fn source(&self) -> &[u8] {
        &self.source
    }
}
