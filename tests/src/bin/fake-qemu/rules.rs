//! The rules of the script, and which of them are spent.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::Duration,
};

use qa_tests::{Action, Entry, Journal, Rule, Spending, Trigger};

#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<(Rule, bool)>,
    journal: PathBuf,
    /// Which machine this is: a process that goes on in the same folder is the same one.
    machine: PathBuf,
}

impl Rules {
    pub(crate) fn new(rules: Vec<Rule>, journal: &Path, machine: &Path) -> Self {
        let before = Journal::read(journal);
        let spent = |rule| {
            let machine = machine.to_owned();
            before.entries().contains(&Entry::Spent { machine, rule })
        };
        let rules = rules.into_iter().enumerate();
        Self {
            rules: rules.map(|(index, rule)| (rule, spent(index))).collect(),
            journal: journal.to_owned(),
            machine: machine.to_owned(),
        }
    }

    /// Whether something waits for this.
    pub(crate) fn any(&self, waits: impl Fn(&Trigger) -> bool) -> bool {
        self.rules.iter().any(|(rule, _)| waits(&rule.on))
    }

    /// The soonest of the times that unspent rules wait for.
    pub(crate) fn soonest(&self, time: impl Fn(&Trigger) -> Option<Duration>) -> Option<Duration> {
        let unspent = self.rules.iter().filter(|(_, spent)| !spent);
        unspent.filter_map(|(rule, _)| time(&rule.on)).min()
    }

    /// What the first rule does that fits and is not spent.
    pub(crate) fn take(&mut self, fits: impl Fn(&Trigger) -> bool) -> Option<Vec<Action>> {
        for index in 0..self.rules.len() {
            let (rule, spent) = &self.rules[index];
            if *spent || !fits(&rule.on) {
                continue;
            }
            match rule.spending {
                Spending::Never => {}
                Spending::Machine => self.spend(index),
                // Another machine may be about to do the same.
                Spending::Call if !self.claim(index) => continue,
                Spending::Call => {}
            }
            return Some(self.rules[index].0.act.clone());
        }
        None
    }

    /// The numbers of the rules that this machine has spent.
    pub(crate) fn spent(&self) -> Vec<usize> {
        let spent = self.rules.iter().enumerate();
        spent
            .filter(|(_, (_, spent))| *spent)
            .map(|(index, _)| index)
            .collect()
    }

    /// This machine goes on where one had spent these rules.
    pub(crate) fn go_on(&mut self, spent: &[usize]) {
        for index in 0..self.rules.len() {
            let was_spent = spent.contains(&index);
            if was_spent && !self.rules[index].1 {
                self.spend(index);
            }
            self.rules[index].1 = was_spent;
        }
    }

    fn spend(&mut self, rule: usize) {
        self.rules[rule].1 = true;
        let machine = self.machine.clone();
        Journal::add(&self.journal, &Entry::Spent { machine, rule });
    }

    fn claim(&self, rule: usize) -> bool {
        let claim = self.journal.with_file_name(format!("spent-{rule}"));
        OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(claim)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_rules_belong_to_a_machine_unless_they_are_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.jsonl");
        let rule = |spending| Rule {
            on: Trigger::Boot,
            act: Vec::new(),
            spending,
        };
        let fires = |rules: &mut Rules| rules.take(|on| *on == Trigger::Boot).is_some();
        let machine = |spending, name: &str| {
            Rules::new(vec![rule(spending)], &journal, &folder.path().join(name))
        };
        let mut one = machine(Spending::Machine, "one");
        assert!(fires(&mut one) && !fires(&mut one));
        assert!(!fires(&mut machine(Spending::Machine, "one")), "relaunched");
        let mut two = machine(Spending::Machine, "two");
        two.go_on(&one.spent());
        assert!(!fires(&mut two), "restored");
        assert!(fires(&mut machine(Spending::Machine, "three")));
        assert!(fires(&mut machine(Spending::Call, "four")));
        assert!(!fires(&mut machine(Spending::Call, "five")));
        let mut always = machine(Spending::Never, "six");
        assert!(fires(&mut always) && fires(&mut always));
    }
}
