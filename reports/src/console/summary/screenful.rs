//! A summary that fits one screen: what did not hold, by reason, and as many explanations as there is room for.

use super::overview::{FindingsAt, INDENT};
use super::page::{Page, SummaryStyle, paint_of};
use super::{counts, details};
use crate::console::width::{columns, cut};
use crate::log::Verdict;
use crate::plain_text::plain_line;
use crate::run::{Reason, Run, Scenario};

/// The verdicts in the order of the list: those for which a reader looks at a summary come first.
const BY_WEIGHT: [Verdict; 7] = [
    Verdict::Failed,
    Verdict::Error,
    Verdict::Flaky,
    Verdict::SoftFailed,
    Verdict::Cancelled,
    Verdict::Skipped,
    Verdict::Passed,
];

/// Some scenarios, and their lines in the list.
struct Listed<'r> {
    /// Not empty. Several have one reason.
    scenarios: Vec<&'r Scenario>,
    text: String,
}

/// Returns the summary of a run in as many rows as a terminal has, one of which is for the prompt. The end of the
/// summary is whole in any case.
pub(super) fn screenful(run: &Run, style: SummaryStyle<'_>, rows: usize) -> String {
    let end = counts(run, style);
    let rows_of = |text: &str| rows_of(text, style.width);
    let mut room = rows.saturating_sub(1 + rows_of(&end));
    let listed = listed(run, style);
    let all: usize = listed.iter().map(|listed| rows_of(&listed.text)).sum();
    let for_list = match all <= room {
        true => room,
        false => room.saturating_sub(1),
    };
    let mut used = 0;
    let shown = listed.iter().take_while(|listed| {
        used += rows_of(&listed.text);
        used <= for_list
    });
    let shown = shown.count();
    let (shown, left_out) = listed.split_at(shown);
    let mut text: String = shown.iter().map(|listed| listed.text.as_str()).collect();
    let more: usize = left_out.iter().map(|listed| listed.scenarios.len()).sum();
    if more > 0 {
        let said = format!("{INDENT}… and {more} more, see the report");
        text.push_str(&cut(&said, style.width));
        text.push('\n');
    }
    room = room.saturating_sub(rows_of(&text));
    for listed in shown {
        let Some(explained) = explained(listed.scenarios[0], style, room) else {
            break;
        };
        room -= rows_of(&explained);
        text.push_str(&explained);
    }
    text + &end
}

/// Returns the rows that a text takes on a terminal, which breaks lines that are too long.
pub(super) fn rows_of(text: &str, width: usize) -> usize {
    let rows = |line: &str| shown_columns(line).div_ceil(width.max(1)).max(1);
    text.lines().map(rows).sum()
}

/// Returns the columns of a line of a summary, which may have colours.
fn shown_columns(line: &str) -> usize {
    let mut parts = line.split("\x1b[");
    let first = parts.next().map_or(0, columns);
    let others = parts.map(|part| part.split_once('m').map_or(0, |(_, rest)| columns(rest)));
    first + others.sum::<usize>()
}

/// Returns the scenarios that did not simply pass: first those that failed. Many of one reason are one.
fn listed<'r>(run: &'r Run, style: SummaryStyle<'_>) -> Vec<Listed<'r>> {
    let is_news =
        |scenario: &&Scenario| scenario.verdict != Verdict::Passed || !scenario.findings.is_empty();
    let mut groups: Vec<Vec<&Scenario>> = Vec::new();
    for verdict in BY_WEIGHT {
        let of_verdict = run.scenarios.iter().filter(is_news);
        let of_verdict: Vec<&Scenario> = of_verdict
            .filter(|scenario| scenario.verdict == verdict)
            .collect();
        groups.extend(by_reason(&of_verdict));
    }
    let alone = groups.iter().filter(|group| group.len() == 1).flatten();
    let name_width = Page::new(style).name_width(alone.copied());
    let listed = groups.into_iter().map(|scenarios| {
        let mut page = Page::new(style);
        match scenarios.as_slice() {
            [scenario] => page.scenario(scenario, name_width, FindingsAt::Report),
            several => page.group(several),
        }
        Listed {
            scenarios,
            text: page.text,
        }
    });
    listed.collect()
}

/// Puts together the scenarios that have one reason, if they are many. The others stay alone.
fn by_reason<'r>(scenarios: &[&'r Scenario]) -> Vec<Vec<&'r Scenario>> {
    let mut groups: Vec<(Option<Reason<'r>>, Vec<&'r Scenario>)> = Vec::new();
    for &scenario in scenarios {
        let reason = scenario.reason();
        let same = |(known, _): &&mut (Option<Reason>, _)| known.is_some() && *known == reason;
        match groups.iter_mut().find(same) {
            Some((_, group)) => group.push(scenario),
            None => groups.push((reason, vec![scenario])),
        }
    }
    let groups = groups
        .into_iter()
        .flat_map(|(_, group)| match group.len() >= Reason::MANY {
            true => vec![group],
            false => group.into_iter().map(|scenario| vec![scenario]).collect(),
        });
    groups.collect()
}

/// Returns the explanation of a scenario, as long as there is room for; none if there is no room at all.
fn explained(scenario: &Scenario, style: SummaryStyle<'_>, room: usize) -> Option<String> {
    let mut head = Page::new(style);
    head.headline(scenario);
    let mut short = Page::new(style);
    short.explain_shortly(scenario);
    let texts = [
        format!("{}{}", head.text, details(scenario, style)),
        format!("{}{}", head.text, short.text),
    ];
    let mut fitting = texts.into_iter();
    fitting.find(|text| rows_of(text, style.width) <= room)
}

impl Page<'_> {
    /// Writes the lines of scenarios with one reason.
    fn group(&mut self, scenarios: &[&Scenario]) {
        let Some(reason) = scenarios.first().and_then(|first| first.reason()) else {
            return;
        };
        let verdict = self.paint(paint_of(reason.verdict), &format!("{:<11}", reason.verdict));
        let said = format!(
            "{} scenarios: {}",
            scenarios.len(),
            plain_line(reason.first_line)
        );
        self.line(&format!("{verdict} {}", cut(&said, self.room())));
        self.line(&format!("{INDENT}{}", names(scenarios, self.room())));
    }
}

/// Returns as many names as fit, and the number of the others.
fn names(scenarios: &[&Scenario], room: usize) -> String {
    let names: Vec<String> = scenarios
        .iter()
        .map(|scenario| plain_line(&scenario.info.name))
        .collect();
    let told = |shown: usize| match names.len() - shown {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..shown].join(", ")),
    };
    // No more names than columns fit.
    let fitting = (1..=names.len().min(room)).rev().map(told);
    let mut fitting = fitting.filter(|text| columns(text) <= room);
    fitting.next().unwrap_or_else(|| cut(&told(1), room))
}
