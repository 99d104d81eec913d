//! The command line of `qa needle`, as it was typed.

use std::path::PathBuf;

use clap::Subcommand;

use super::format::Format;

/// `qa needle ...`
#[derive(Debug, Subcommand)]
pub(crate) enum NeedleCommand {
    /// Match needles on a screenshot
    #[command(
        after_help = "Examples:\n  qa needle match shot.png --tag gnome-overview\n  \
                      qa needle match --batch cases.tsv     lines of screenshot<TAB>needle.json<TAB>ratio"
    )]
    Match {
        /// The screenshot, PNG or PPM
        #[arg(required_unless_present = "batch", conflicts_with = "batch")]
        screenshot: Option<PathBuf>,
        /// Match the cases of this file, one per line: screenshot, needle file and ratio, separated by tabs; prints a
        /// line of JSON for each case
        #[arg(long, value_name = "FILE", conflicts_with_all = ["needles", "tag", "ratio"])]
        batch: Option<PathBuf>,
        /// Folder of needles [default: the project's]
        #[arg(long, value_name = "DIR")]
        needles: Option<PathBuf>,
        /// Only needles with this tag
        #[arg(long, value_name = "TAG")]
        tag: Vec<String>,
        /// Distance from the recorded place to search in: from 0 (only the margin) to 1 (the whole screen)
        #[arg(long, value_name = "RATIO", default_value = "0")]
        ratio: f64,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Find needles that cannot match, or match too much
    ///
    /// The findings are grouped, those that matter first. Needles that share a tag must not match each other's picture;
    /// a tag `ENV-...`, and one that more than half of the needles have, does not count. If a needle is a part of
    /// another needle on purpose, write this into its JSON file: "properties": ["part-of:NAME"]. The exit status is 2
    /// if there is an error.
    #[command(after_help = "Examples:\n  qa needle check needles/gnome\n  \
            qa needle check --format json   a line of JSON for each finding")]
    Check {
        /// Folder of needles [default: the project's]
        dir: Option<PathBuf>,
        /// Show all findings of each group
        #[arg(long)]
        all: bool,
        /// Treat warnings as errors
        #[arg(long)]
        strict: bool,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Draw a needle's areas, margins and scores into a copy of its picture or of a screenshot
    #[command(
        after_help = "Example:\n  qa needle show needles/gnome/gnome-overview.json --output overview.png"
    )]
    Show {
        /// The needle's JSON file
        needle: PathBuf,
        /// Draw on this screenshot, each area at its best match
        #[arg(long, value_name = "FILE")]
        on: Option<PathBuf>,
        /// The PNG to write
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Make a needle from a screenshot
    #[command(
        after_help = "Example:\n  qa needle crop qa-results/latest/gnome-login/frames/0007.png \\\n    \
            --area 412,30,200,48 --tag gnome-overview --into needles/gnome"
    )]
    Crop {
        /// The screenshot, PNG or PPM
        screenshot: PathBuf,
        /// An area that must match: x,y,width,height in pixels; may be given several times
        #[arg(long = "area", required = true, value_name = "X,Y,W,H", value_parser = parse_area)]
        areas: Vec<[u32; 4]>,
        /// An area to leave out
        #[arg(long = "exclude", value_name = "X,Y,W,H", value_parser = parse_area)]
        excludes: Vec<[u32; 4]>,
        /// A tag; may be given several times
        #[arg(long = "tag", required = true, value_name = "TAG")]
        tags: Vec<String>,
        /// Name of the needle [default: the first tag]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Required similarity in percent
        #[arg(long = "match", value_name = "PERCENT", default_value = "96")]
        level: u8,
        /// Folder to write it to
        #[arg(long, value_name = "DIR", default_value = ".")]
        into: PathBuf,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Show each failed needle of a run beside the screen, and write a new needle on yes
    ///
    /// The new needle has the tags and areas of the old one and the picture of the screen. A screen that a needle of
    /// the step matches meanwhile is not offered.
    #[command(
        after_help = "Examples:\n  qa needle bump\n  qa needle bump --replace qa-results/latest\n  \
            qa needle bump --results /srv/qa   the newest run there\n  \
            qa needle bump --format json   only lists the offers"
    )]
    Bump {
        /// Folder of the run, or of one machine or scenario in it [default: the newest run]
        run: Option<PathBuf>,
        /// Folder of results [default: qa-results in the project]
        #[arg(long, value_name = "DIR", conflicts_with = "run")]
        results: Option<PathBuf>,
        /// Replace the old needle, instead of adding one beside it
        #[arg(long)]
        replace: bool,
        /// Folder of needles [default: the project's]
        #[arg(long, value_name = "DIR")]
        needles: Option<PathBuf>,
        /// Write all without asking
        #[arg(long)]
        yes: bool,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Match needles against recorded frames and show what would change
    #[command(after_help = "Examples:\n  qa needle replay qa-results/latest\n  \
            qa needle replay frames/ --needles needles/gnome")]
    Replay {
        /// Folder of a run, or any folder of screenshots
        source: PathBuf,
        /// Folder of needles [default: the project's]
        #[arg(long, value_name = "DIR")]
        needles: Option<PathBuf>,
        /// Distance from the recorded place to search in: from 0 (only the margin) to 1 (the whole screen)
        #[arg(long, value_name = "RATIO", default_value = "0")]
        ratio: f64,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
}

fn parse_area(text: &str) -> Result<[u32; 4], String> {
    let numbers: Vec<u32> = text
        .split(',')
        .map(|part| part.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| "four whole numbers: x,y,width,height".to_owned())?;
    match <[u32; 4]>::try_from(numbers) {
        Ok(area) if area[2] > 0 && area[3] > 0 => Ok(area),
        Ok(_) => Err("width and height must be at least 1".to_owned()),
        Err(_) => Err("four whole numbers: x,y,width,height".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_four_numbers_with_a_size() {
        assert_eq!(parse_area("1,2,3,4"), Ok([1, 2, 3, 4]));
        assert_eq!(parse_area(" 1, 2,3 ,4"), Ok([1, 2, 3, 4]));
        for bad in ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4", "a,b,c,d"] {
            assert!(parse_area(bad).is_err(), "{bad}");
        }
    }
}
