//! Adds to the output of `junit-report` what it has no words for.

use quick_xml::events::{BytesCData, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use super::JunitError;
use super::place;
use super::reruns::{self, Rerun};
use super::suite::Suite;
use super::xml_text::{attribute, plain};
use crate::{ExitStatus, Run, Scenario, StartedFrom, Verdict};

/// Adds totals to `testsuites`, the count of skipped cases and properties to `testsuite`, further attempts to
/// `testcase`; breaks it into lines.
///
/// # Errors
/// When `xml` is not well-formed.
pub(super) fn add(xml: &[u8], run: &Run, suites: &[Suite<'_>]) -> Result<String, JunitError> {
    let mut reader = Reader::from_reader(xml);
    let mut writer = Writer::new(Vec::new());
    let mut buffer = Vec::new();
    let mut scenarios = suites.iter().flat_map(|suite| &suite.scenarios).copied();
    let mut suites = suites.iter();
    let mut reruns = Vec::new();
    loop {
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(JunitError::new)?;
        match event {
            Event::Eof => break,
            Event::Start(tag) if tag.name().as_ref() == b"testsuites" => {
                write(&mut writer, Event::Start(root(run)))?;
            }
            Event::Start(tag) if tag.name().as_ref() == b"testsuite" => {
                let suite = next_suite(&mut suites)?;
                new_line(&mut writer, 1)?;
                write(&mut writer, Event::Start(started_suite(tag, suite)))?;
                properties(&mut writer, run, suite)?;
            }
            // A run without scenarios; it has its properties all the same.
            Event::Empty(tag) if tag.name().as_ref() == b"testsuite" => {
                let suite = next_suite(&mut suites)?;
                new_line(&mut writer, 1)?;
                let tag = started_suite(tag, suite);
                let end = tag.to_end().into_owned();
                write(&mut writer, Event::Start(tag))?;
                properties(&mut writer, run, suite)?;
                new_line(&mut writer, 1)?;
                write(&mut writer, Event::End(end))?;
            }
            Event::Start(tag) if depth_of(tag.name().as_ref()).is_some() => {
                let mut tag = tag.into_owned();
                match tag.name().as_ref() {
                    b"testcase" => reruns = begin_case(run, scenarios.next(), &mut tag),
                    b"system-out" => add_reruns(&mut writer, reruns.drain(..))?,
                    _ => {}
                }
                new_line(&mut writer, depth_of(tag.name().as_ref()).unwrap_or(0))?;
                write(&mut writer, Event::Start(tag))?;
            }
            Event::Empty(tag) if depth_of(tag.name().as_ref()).is_some() => {
                new_line(&mut writer, depth_of(tag.name().as_ref()).unwrap_or(0))?;
                write(&mut writer, Event::Empty(tag))?;
            }
            Event::End(tag)
                if [&b"testcase"[..], b"testsuite", b"testsuites"]
                    .contains(&tag.name().as_ref()) =>
            {
                let depth = match tag.name().as_ref() {
                    b"testcase" => 2,
                    b"testsuite" => 1,
                    _ => 0,
                };
                new_line(&mut writer, depth)?;
                write(&mut writer, Event::End(tag))?;
            }
            Event::Decl(declaration) => {
                write(&mut writer, Event::Decl(declaration))?;
                new_line(&mut writer, 0)?;
            }
            other => write(&mut writer, other)?,
        }
        buffer.clear();
    }
    new_line(&mut writer, 0)?;
    String::from_utf8(writer.into_inner()).map_err(JunitError::new)
}

/// The suite whose element comes next.
fn next_suite<'s, 'r>(
    suites: &mut impl Iterator<Item = &'s Suite<'r>>,
) -> Result<&'s Suite<'r>, JunitError>
where
    'r: 's,
{
    let missing = || JunitError::new("there are more elements than suites");
    suites.next().ok_or_else(missing)
}

/// Says in a test case where its scenario is written; gives the attempts to add to it.
fn begin_case(run: &Run, scenario: Option<&Scenario>, tag: &mut BytesStart<'_>) -> Vec<Rerun> {
    let Some(scenario) = scenario else {
        return Vec::new();
    };
    if let Some((file, line)) = place::of(scenario) {
        tag.push_attribute(("file", attribute(file).as_str()));
        tag.push_attribute(("line", line.to_string().as_str()));
    }
    reruns::of(run, scenario)
}

/// Adds attempts to a test case.
fn add_reruns(
    writer: &mut Writer<Vec<u8>>,
    reruns: impl Iterator<Item = Rerun>,
) -> Result<(), JunitError> {
    for rerun in reruns {
        new_line(writer, 3)?;
        let mut tag = BytesStart::new(rerun.element);
        tag.push_attribute(("message", attribute(&rerun.message).as_str()));
        tag.push_attribute(("type", attribute(&rerun.kind).as_str()));
        write(writer, Event::Start(tag))?;
        // Some readers show what stands right in it, and look for no trace.
        text(writer, &rerun.head)?;
        if let Some(trace) = &rerun.trace {
            new_line(writer, 4)?;
            let tag = BytesStart::new("stackTrace");
            write(writer, Event::Start(tag.borrow()))?;
            text(writer, trace)?;
            write(writer, Event::End(tag.to_end()))?;
        }
        new_line(writer, 3)?;
        write(writer, Event::End(BytesStart::new(rerun.element).to_end()))?;
    }
    Ok(())
}

fn text(writer: &mut Writer<Vec<u8>>, text: &str) -> Result<(), JunitError> {
    BytesCData::escaped(&plain(text)).try_for_each(|section| write(writer, Event::CData(section)))
}

/// How deep the elements stand that get a line of their own.
fn depth_of(name: &[u8]) -> Option<usize> {
    match name {
        b"testcase" => Some(2),
        b"failure" | b"error" | b"skipped" | b"system-out" => Some(3),
        _ => None,
    }
}

/// Without `skipped`: the schema of Jenkins' xUnit plugin (junit-10.xsd) does not allow it here, only on `testsuite`.
fn root(run: &Run) -> BytesStart<'static> {
    let count = |statuses: &[ExitStatus]| {
        let gates = run.scenarios.iter().map(|scenario| run.gate_of(scenario));
        gates.filter(|gate| statuses.contains(gate)).count()
    };
    let failures = count(&[ExitStatus::Failed]);
    let errors = count(&[ExitStatus::Error, ExitStatus::Cancelled]);
    let name = match &run.matrix {
        Some(matrix) => format!("qa {matrix} {}", run.name),
        None => format!("qa {}", run.name),
    };
    let mut tag = BytesStart::new("testsuites");
    for (name, value) in [
        ("name", attribute(&name)),
        ("tests", run.scenarios.len().to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("time", seconds(run.duration_ms())),
    ] {
        tag.push_attribute((name, value.as_str()));
    }
    tag
}

fn started_suite(tag: BytesStart<'_>, suite: &Suite<'_>) -> BytesStart<'static> {
    let mut tag = tag.into_owned();
    tag.push_attribute(("skipped", suite.skipped().to_string().as_str()));
    tag
}

fn properties(
    writer: &mut Writer<Vec<u8>>,
    run: &Run,
    suite: &Suite<'_>,
) -> Result<(), JunitError> {
    let mut pairs = vec![
        ("qa.version".to_owned(), run.version.clone()),
        ("qa.run".to_owned(), run.name.clone()),
        ("qa.command".to_owned(), run.command.join(" ")),
        ("qa.exit-status".to_owned(), run.exit().code().to_string()),
    ];
    if let Some(matrix) = &run.matrix {
        pairs.push(("qa.matrix".to_owned(), matrix.clone()));
    }
    if let Some((image, machine)) = suite.on {
        pairs.push(("image".to_owned(), image.to_owned()));
        pairs.push(("machine".to_owned(), machine.to_owned()));
    }
    if run.is_cut_short() {
        pairs.push(("qa.interrupted".to_owned(), "true".to_owned()));
    }
    if run.goes_on() {
        pairs.push(("qa.goes-on".to_owned(), "true".to_owned()));
    }
    if let Some(host) = run.hosts.first() {
        pairs.push(("host.os".to_owned(), host.os.clone()));
        pairs.push(("host.cores".to_owned(), host.cores.to_string()));
        pairs.push(("host.memory-mib".to_owned(), host.memory_mib.to_string()));
    }
    for scenario in &suite.scenarios {
        let name = &scenario.info.name;
        if let Some(attempt) = scenario.deciding_attempt() {
            let (from, age_ms) = started(&attempt.from);
            pairs.push((format!("started-from.{name}"), from));
            if let Some(age_ms) = age_ms {
                pairs.push((
                    format!("checkpoint-age-seconds.{name}"),
                    (age_ms / 1000).to_string(),
                ));
            }
            let resets = attempt.resets_text();
            pairs.extend(resets.map(|resets| (format!("resets.{name}"), resets)));
        }
        if scenario.attempts.len() > 1 {
            pairs.push((
                format!("attempts.{name}"),
                scenario.attempts.len().to_string(),
            ));
        }
        for finding in &scenario.findings {
            pairs.push((format!("finding.{name}"), finding.text()));
        }
        match scenario.verdict {
            Verdict::SoftFailed | Verdict::Flaky => {
                pairs.push((
                    format!("verdict.{name}"),
                    scenario.verdict.word().to_owned(),
                ));
            }
            Verdict::Passed
            | Verdict::Failed
            | Verdict::Error
            | Verdict::Skipped
            | Verdict::Cancelled => {}
        }
        for defect in scenario
            .attempts
            .iter()
            .flat_map(|attempt| &attempt.soft_failures)
        {
            pairs.push((format!("soft-failure.{name}"), defect.text()));
        }
    }
    new_line(writer, 2)?;
    write(writer, Event::Start(BytesStart::new("properties")))?;
    for (name, value) in pairs {
        new_line(writer, 3)?;
        let mut tag = BytesStart::new("property");
        tag.push_attribute(("name", attribute(&name).as_str()));
        tag.push_attribute(("value", attribute(&value).as_str()));
        write(writer, Event::Empty(tag))?;
    }
    new_line(writer, 2)?;
    write(writer, Event::End(BytesStart::new("properties").to_end()))
}

/// Where an attempt started, for programs: the kind, then the scenario and the key it is about; and the age of a
/// checkpoint in milliseconds.
fn started(from: &StartedFrom) -> (String, Option<u64>) {
    match from {
        StartedFrom::PowerOn => ("power-on".to_owned(), None),
        StartedFrom::Continued { scenario } => (format!("continued {scenario}"), None),
        StartedFrom::Checkpoint {
            scenario,
            key,
            saved: _,
            age_ms,
            this_run: _,
        } => (format!("checkpoint {scenario} {key}"), Some(*age_ms)),
    }
}

/// Milliseconds as seconds, exactly.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn new_line(writer: &mut Writer<Vec<u8>>, depth: usize) -> Result<(), JunitError> {
    let space = format!("\n{}", "  ".repeat(depth));
    write(writer, Event::Text(BytesText::new(&space)))
}

fn write(writer: &mut Writer<Vec<u8>>, event: Event<'_>) -> Result<(), JunitError> {
    writer.write_event(event).map_err(JunitError::new)
}
