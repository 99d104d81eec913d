//! The kinds of findings, those that matter first.

use needles::NeedleProblem;

/// The kind of a finding. The order is that of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A file of the needle cannot be read.
    Broken,
    /// No screen matches the needle.
    NeverFound,
    /// Any screen, or anything flat, matches an area.
    MatchesAnything,
    /// An area has transparent pixels.
    Transparent,
    /// Two needles with a common tag match each other's picture.
    EachOther,
    /// A `part-of` is not true.
    PartOf,
    /// Several needles have one name.
    SameName,
    /// An area is on its own picture twice.
    Twice,
    /// A match level or the size of an area is unusual.
    Level,
    /// A click point is useless, or openQA refuses it.
    ClickPoint,
    /// An area or a text decides nothing.
    Ignored,
    /// A tag cannot be asked for, or there is none.
    Tags,
}

impl Kind {
    /// Returns the kind of a problem.
    pub(super) fn of(problem: &NeedleProblem) -> Self {
        match problem {
            NeedleProblem::AreaOutside { .. }
            | NeedleProblem::AreaEmpty { .. }
            | NeedleProblem::LevelUnreachable { .. } => Self::NeverFound,
            NeedleProblem::AlwaysFound
            | NeedleProblem::Flat { .. }
            | NeedleProblem::Covered { .. }
            | NeedleProblem::CoveredTogether { .. } => Self::MatchesAnything,
            NeedleProblem::Transparent { .. } => Self::Transparent,
            NeedleProblem::Ambiguous { .. } => Self::Twice,
            NeedleProblem::LevelLow { .. }
            | NeedleProblem::LevelHigh { .. }
            | NeedleProblem::AreaLarge { .. } => Self::Level,
            NeedleProblem::ClickPointOutside { .. }
            | NeedleProblem::ClickPointAtZero { .. }
            | NeedleProblem::ClickPointUnused { .. } => Self::ClickPoint,
            NeedleProblem::AreaIgnored { .. }
            | NeedleProblem::UnknownType { .. }
            | NeedleProblem::TextUnused { .. } => Self::Ignored,
            NeedleProblem::TagTwice { .. }
            | NeedleProblem::TagWithSpace { .. }
            | NeedleProblem::NoTags => Self::Tags,
        }
    }

    /// Returns true if the needle is useless, or dangerous, as it is. Other findings may be meant.
    pub(super) fn is_error(self) -> bool {
        self <= Self::EachOther
    }

    /// Returns the word for programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::NeverFound => "never-found",
            Self::MatchesAnything => "matches-anything",
            Self::Transparent => "transparent",
            Self::EachOther => "each-other",
            Self::PartOf => "part-of",
            Self::SameName => "same-name",
            Self::Twice => "twice",
            Self::Level => "level",
            Self::ClickPoint => "click-point",
            Self::Ignored => "ignored",
            Self::Tags => "tags",
        }
    }

    /// Returns what is wrong, in the plural.
    pub(super) fn headline(self) -> &'static str {
        match self {
            Self::Broken => "needles that cannot be read",
            Self::NeverFound => "needles that are never found",
            Self::MatchesAnything => "needles that match anything, or anything flat",
            Self::Transparent => "areas with transparent pixels",
            Self::EachOther => "pairs of needles with a common tag that match each other's picture",
            Self::PartOf => "`part-of` that are not true",
            Self::SameName => "names that several needles have",
            Self::Twice => "areas that are on their own picture twice",
            Self::Level => "unusual match levels or sizes",
            Self::ClickPoint => "click points with a mistake",
            Self::Ignored => "areas or texts that decide nothing",
            Self::Tags => "tags with a mistake",
        }
    }
}
