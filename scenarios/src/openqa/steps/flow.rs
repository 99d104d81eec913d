//! Branches, loops and returns.

use super::condition::{Told, opposite};
use super::entry::{Entry, StepText, Todo, has_step, has_todo};
use super::text::own_name;
use super::writer::{Known, Writer};
use crate::openqa::perl::{Branch, Expression, Statement, StatementKind};

/// The greatest number of times that a loop is written out.
const MOST_TIMES: usize = 200;

impl Writer<'_> {
    /// Tells `if ... elsif ... else`.
    pub(super) fn branches(
        &mut self,
        statement: &Statement,
        branches: &[Branch],
        otherwise: Option<&[Statement]>,
    ) -> Vec<Entry> {
        let Some((first, others)) = branches.split_first() else {
            return otherwise
                .map(|body| self.statements(body))
                .unwrap_or_default();
        };
        let looked_for = self.looked_for.clone();
        let Some(told) = self.condition(&first.condition) else {
            return self.unknown_branches(statement, branches, otherwise);
        };
        if !self.is_readable(&told) {
            return self.unknown_branches(statement, branches, otherwise);
        }
        if matches!(&first.condition, Expression::Call { name, .. } if name == "match_has_tag")
            && let Expression::Call { arguments, .. } = &first.condition
            && let Some(tags) = arguments.first().and_then(|tag| self.tags(tag))
        {
            self.looked_for = Some(tags);
        }
        let is_last = others.is_empty() && otherwise.is_none();
        if let ([only], true) = (first.body.as_slice(), is_last)
            && let StatementKind::Expression(Expression::Call { name, arguments }) = &only.kind
            && name == "die"
        {
            return self.must_not(statement, told, arguments);
        }
        let known = self.known.clone();
        let body = self.statements(&first.body);
        self.merge_known(known.clone());
        self.looked_for = looked_for;
        let rest = if others.is_empty() {
            otherwise
                .map(|body| self.statements(body))
                .unwrap_or_default()
        } else {
            // Each further branch is a group in the group of what is otherwise.
            match self.nested(|writer| writer.branches(statement, others, otherwise)) {
                Some(rest) => rest,
                None => self.unknown_branches(statement, others, otherwise),
            }
        };
        self.merge_known(known);
        // Either side may have looked.
        self.looked_for = None;
        let name = self.name_of(first);
        self.guarded(told, &name, body, rest, first.line)
    }

    /// Tells `die "..." if ...`: the condition must not be true.
    fn must_not(
        &mut self,
        statement: &Statement,
        told: Told,
        message: &[Expression],
    ) -> Vec<Entry> {
        let told = told.negated();
        let mut out = std::mem::take(&mut self.remarks);
        let Some(assert) = self.die(message, &told.text) else {
            return vec![self.left(statement, Vec::new())];
        };
        self.told_one();
        out.extend(told.before);
        out.push(assert);
        out
    }

    /// Keeps what is known only where both sides agree.
    fn merge_known(&mut self, before: std::collections::BTreeMap<String, Known>) {
        let after = std::mem::take(&mut self.known);
        let kept = before
            .into_iter()
            .filter(|(name, known)| after.get(name) == Some(known));
        self.known = kept.collect();
    }

    /// Returns the condition as it is written, for the name of a group.
    fn name_of(&self, branch: &Branch) -> String {
        let lines = self.file.source(&branch.head);
        let text = lines.join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let text = text.strip_prefix(branch.keyword).unwrap_or(&text).trim();
        let keyword = match branch.keyword {
            "elsif" => "if",
            keyword => keyword,
        };
        let text = format!("{keyword} {text}");
        text.chars().take(100).collect()
    }

    /// Puts steps behind a condition, and others behind its opposite.
    fn guarded(
        &mut self,
        told: Told,
        name: &str,
        body: Vec<Entry>,
        rest: Vec<Entry>,
        line: usize,
    ) -> Vec<Entry> {
        let mut condition = told.text.clone();
        let mut out = std::mem::take(&mut self.remarks);
        out.extend(told.before);
        if has_step(&rest) && has_step(&body) && changes_with_steps(&condition) {
            // The steps of one branch look at the screen, or set a variable: the condition is kept from before them.
            let kept = format!("if_line_{line}");
            let set = |value: &str| StepText::new("set").text(&kept, value);
            out.push(Entry::Step(set("no")));
            out.push(Entry::Step(set("yes").when(&condition)));
            condition = kept;
        }
        let opposite = opposite(&condition);
        behind(&condition, name, body, &mut out);
        let other = format!("otherwise: {name}");
        behind(&opposite, &other, rest, &mut out);
        out
    }

    /// Tells branches whose condition is not known: the steps become comments.
    fn unknown_branches(
        &mut self,
        statement: &Statement,
        branches: &[Branch],
        otherwise: Option<&[Statement]>,
    ) -> Vec<Entry> {
        let mut inside = Vec::new();
        for branch in branches {
            if branches.len() > 1 || otherwise.is_some() {
                inside.push(Entry::Comment(format!("# {}", self.name_of(branch))));
            }
            inside.extend(self.untold(&branch.body));
        }
        if let Some(body) = otherwise {
            inside.push(Entry::Comment("# else".to_owned()));
            inside.extend(self.untold(body));
        }
        self.forget_assigned(statement);
        // Earlier branches may have been told.
        let is_part = branches
            .first()
            .filter(|first| first.head.start > statement.at.start && otherwise_is_block(statement));
        let part = is_part.map(|first| Statement {
            kind: StatementKind::Return(None),
            line: first.line,
            at: first.head.start..statement.at.end,
        });
        let mut left = self.left(part.as_ref().unwrap_or(statement), inside);
        if let Entry::Todo(Todo {
            inside: told, end, ..
        }) = &mut left
            && end.is_none()
        {
            // The source says all of it.
            told.clear();
        }
        let mut out = std::mem::take(&mut self.remarks);
        out.push(left);
        out
    }

    /// Tells a loop over a list that is known.
    pub(super) fn each(
        &mut self,
        statement: &Statement,
        variable: &str,
        list: &Expression,
        body: &[Statement],
    ) -> Vec<Entry> {
        let items = self.items(list);
        let own = match variable {
            "_" => Some("item".to_owned()),
            name => own_name(name),
        };
        let (Some(items), Some(own)) = (items, own) else {
            self.because("the list of the loop is not known");
            let inside = self.untold(body);
            self.forget_assigned(statement);
            return vec![self.left(statement, inside)];
        };
        let known = self.known.clone();
        self.known
            .insert(variable.to_owned(), Known::Variable(own.clone()));
        let steps = self.statements(body);
        self.known.remove(variable);
        self.merge_known(known);
        if let Some(short) = pressed_often(&steps, &items, &own) {
            return vec![short];
        }
        if !has_step(&steps) {
            return steps;
        }
        let each = StepText::new("each")
            .with("in", super::entry::Value::List(items))
            .text("as", own);
        vec![Entry::Step(StepText {
            steps: Some(steps),
            ..each
        })]
    }

    fn items(&mut self, list: &Expression) -> Option<Vec<String>> {
        match list {
            Expression::Binary("..", first, last) => {
                let (first, last) = (self.number(first)?, self.number(last)?);
                let fits =
                    first.abs() < 1e6 && last.abs() < 1e6 && last - first < MOST_TIMES as f64;
                let (first, last) = (first as i64, last as i64);
                (fits && first <= last)
                    .then(|| (first..=last).map(|number| number.to_string()).collect())
            }
            Expression::List(items) => {
                if let [one @ Expression::Binary("..", ..)] = items.as_slice() {
                    return self.items(one);
                }
                let items: Option<Vec<String>> =
                    items.iter().map(|item| self.literal(item)).collect();
                items.filter(|items| (1..=MOST_TIMES).contains(&items.len()))
            }
            _ => None,
        }
    }

    /// Tells a statement that may return, together with all that follow it.
    pub(super) fn early_return(
        &mut self,
        statement: &Statement,
        after: &[Statement],
    ) -> Option<Vec<Entry>> {
        let StatementKind::If {
            branches,
            otherwise: None,
        } = &statement.kind
        else {
            return None;
        };
        let [branch] = branches.as_slice() else {
            return None;
        };
        let (last, body) = branch.body.split_last()?;
        let StatementKind::Return(value) = &last.kind else {
            return None;
        };
        // Inside another block, more than what follows here would not run.
        if self.blocks > 0 {
            return None;
        }
        // Without a condition, what follows is told all the same, behind a comment.
        let remarks = self.remarks.len();
        let told = self.condition(&branch.condition);
        self.remarks.truncate(remarks);
        told?;
        let value = value.clone().map(|value| Statement {
            kind: StatementKind::Expression(value),
            line: last.line,
            at: last.at.clone(),
        });
        let branch = Branch {
            body: body.iter().cloned().chain(value).collect(),
            ..branch.clone()
        };
        self.nested(|writer| writer.branches(statement, &[branch], Some(after)))
    }

    /// Tells the statements between `hold_key` and `release_key` of the same key. Returns what follows them, too.
    pub(super) fn held<'s>(
        &mut self,
        statement: &Statement,
        after: &'s [Statement],
    ) -> Option<(Entry, &'s [Statement])> {
        let key = self.key_of(statement, "hold_key")?;
        let end = after
            .iter()
            .position(|other| self.key_of(other, "release_key").as_ref() == Some(&key))?;
        let (inner, rest) = (after.get(..end)?, after.get(end + 1..)?);
        let steps = self.nested(|writer| writer.statements(inner))?;
        let hold = StepText::new("hold").text("keys", key);
        let hold = Entry::Step(StepText {
            steps: Some(steps),
            ..hold
        });
        if !has_step(std::slice::from_ref(&hold)) || !self.can_be_read(std::slice::from_ref(&hold))
        {
            return None;
        }
        self.told_one();
        self.told_one();
        Some((hold, rest))
    }

    /// Returns the key of a call of this name.
    fn key_of(&mut self, statement: &Statement, call: &str) -> Option<String> {
        match &statement.kind {
            StatementKind::Expression(Expression::Call { name, arguments }) if name == call => {
                self.literal(arguments.first()?)
            }
            _ => None,
        }
    }

    /// Returns true if a scenario can read a condition.
    fn is_readable(&mut self, told: &Told) -> bool {
        let source = crate::finding::Source::new("a.yaml", told.text.clone());
        let at = crate::finding::Span::new(&source, 0..told.text.len());
        match crate::condition::Condition::parse(&told.text, &at) {
            Ok(_) => true,
            Err(finding) => {
                self.because(finding.message);
                false
            }
        }
    }
}

/// Returns true for `if (...) { }`, whose branches come in the order of the source.
fn otherwise_is_block(statement: &Statement) -> bool {
    matches!(&statement.kind, StatementKind::If { branches, .. }
        if branches.first().is_some_and(|first| first.head.start == statement.at.start))
}

/// Returns true if the value of a condition may change while steps run.
fn changes_with_steps(condition: &str) -> bool {
    condition.contains("seen(") || condition.contains("exit_status")
}

/// Puts steps behind a condition: one step alone, or a group.
fn behind(condition: &str, name: &str, mut steps: Vec<Entry>, out: &mut Vec<Entry>) {
    if !has_step(&steps) {
        out.append(&mut steps);
        return;
    }
    let lone = steps
        .iter()
        .filter(|entry| matches!(entry, Entry::Step(_)))
        .count()
        == 1
        && !has_todo(&steps);
    if lone
        && let Some(Entry::Step(step)) = steps
            .iter_mut()
            .find(|entry| matches!(entry, Entry::Step(_)))
        && !step.has("when")
    {
        step.beside
            .push(("when", super::entry::Value::Text(condition.to_owned())));
        out.append(&mut steps);
        return;
    }
    let name = super::text::escaped(name);
    out.push(Entry::Step(StepText::group(&name, steps).when(condition)));
}

/// Returns one step for a key that is pressed several times.
fn pressed_often(steps: &[Entry], items: &[String], variable: &str) -> Option<Entry> {
    let [Entry::Step(step)] = steps else {
        return None;
    };
    let [(name, super::entry::Value::Text(key))] = step.fields.as_slice() else {
        return None;
    };
    let same = step.verb == "press" && name == "keys" && step.beside.is_empty();
    if !same || items.len() > 10 || key.contains(&format!("{{{{ {variable} }}}}")) {
        return None;
    }
    let keys = super::entry::Value::List(vec![key.clone(); items.len()]);
    Some(Entry::Step(StepText::new("press").with("keys", keys)))
}
