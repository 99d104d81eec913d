//! The pages of closed sets: verdicts and exit statuses, findings of `qa check`, keys.

use reports::{ExitStatus, FlakyPolicy, Verdict};
use scenarios::{Code, Severity};

/// Returns the page of verdicts and exit statuses.
pub(super) fn verdicts() -> String {
    let mut text = "# Verdicts and exit status\n\n\
        Each scenario of a run gets a verdict. The verdicts decide the exit status of the run.\n\n\
        ## Verdicts\n\n\
        | verdict | meaning | exit status |\n| --- | --- | --- |\n"
        .to_owned();
    for verdict in Verdict::ALL {
        let status = |flaky, has_failed| verdict.exit_status(flaky, has_failed).code();
        let pass = status(FlakyPolicy::Pass, true);
        let shown = match [
            status(FlakyPolicy::Fail, true),
            status(FlakyPolicy::Fail, false),
        ] {
            [failed, error] if failed == pass && error == pass => pass.to_string(),
            [failed, error] => format!(
                "{pass}; if flaky scenarios fail the run, {failed}, or {error} if no attempt failed"
            ),
        };
        text.push_str(&format!(
            "| `{verdict}` | {} | {shown} |\n",
            verdict.meaning()
        ));
    }
    text.push_str(
        "\nFlaky scenarios fail the run if the environment variable `CI` is set, and with `--repeat` and \
        `--until-fail`. `--flaky` chooses explicitly: see [Try again and repeat](../attempts.md).\n\n\
        ## Exit status\n\n\
        | status | meaning |\n| --- | --- |\n",
    );
    let all = [
        ExitStatus::Success,
        ExitStatus::Failed,
        ExitStatus::Usage,
        ExitStatus::Error,
        ExitStatus::Cancelled,
    ];
    for status in all {
        text.push_str(&format!("| {} | {} |\n", status.code(), status.meaning()));
    }
    let mut ranked = all;
    ranked.sort_by(|a, b| match (ExitStatus::worst([*a, *b]), a == b) {
        (_, true) => std::cmp::Ordering::Equal,
        (worst, false) if worst == *a => std::cmp::Ordering::Less,
        (_, false) => std::cmp::Ordering::Greater,
    });
    let ranked: Vec<String> = ranked
        .iter()
        .map(|status| status.code().to_string())
        .collect();
    text.push_str(&format!(
        "\nIf scenarios have different statuses, the status of the run is the first of these: {}.\n",
        ranked.join(", ")
    ));
    text
}

/// Returns the page of what `qa check` finds.
pub(super) fn findings() -> String {
    let mut text = "# Findings of qa check\n\n\
        `qa check` names the check of each finding: `error[unknown-tag]`. The names do not change. An error makes the \
        exit status 2. A warning does so with `--strict`.\n\n"
        .to_owned();
    for (title, severity) in [("Errors", Severity::Error), ("Warnings", Severity::Warning)] {
        text.push_str(&format!("## {title}\n\n| check | finds |\n| --- | --- |\n"));
        let codes = Code::ALL.iter().filter(|code| code.severity() == severity);
        for code in codes {
            text.push_str(&format!("| `{code}` | {} |\n", super::cell(code.meaning())));
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

/// Returns the page of keys.
pub(super) fn keys() -> String {
    let mut text = "# Keys\n\n\
        `press` and `hold` know these keys by name, besides every single character. Names are joined by `-`: \
        `ctrl-alt-f2`. [Keys, text and clicks](../input.md) shows how they are used.\n\n\
        | key | other names |\n| --- | --- |\n"
        .to_owned();
    for (key, others) in scenarios::key_names() {
        let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
        text.push_str(&format!("| `{key}` | {} |\n", others.join(" ")));
    }
    text
}
