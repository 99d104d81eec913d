//! The verbs that structure a scenario, and those of variables and reports.

use super::hasher::KeyHasher;
use super::known::Scope;
use crate::step::{Assert, Each, Group, Include, Items, Note, Pause, Set, SoftFail};
use crate::value::Written;

impl KeyHasher {
    pub(super) fn group(&mut self, group: &Group<Written>) {
        let Group {
            // The name is only a title.
            name: _,
            retry,
            optional,
        } = group;
        self.steps_inside(*retry, *optional);
    }

    /// The included steps and their variables are among the steps inside.
    pub(super) fn include(&mut self, include: &Include<Written>) {
        let Include { file: _, vars: _ } = include;
        self.steps_inside(0, false);
    }

    /// The steps of all items, with the variable, are among the steps inside.
    pub(super) fn each(&mut self, each: &Each<Written>) {
        let Each {
            items: Items::List(_) | Items::Variable(_),
            variable: _,
        } = each;
        self.steps_inside(0, false);
    }

    /// Feeds a verb that only stands for the steps inside it. These follow.
    fn steps_inside(&mut self, retry: u32, optional: bool) {
        self.mark("steps");
        self.number(retry as usize);
        self.flag(optional);
    }

    pub(super) fn set(&mut self, set: &Set<Written>, scope: Scope<'_>) {
        let Set { vars } = set;
        self.mark("set");
        self.named(vars, scope);
    }

    pub(super) fn assert(&mut self, assert: &Assert<Written>, scope: Scope<'_>) {
        let Assert { that, message } = assert;
        self.mark("assert");
        self.condition(that, scope);
        self.option(message.as_ref(), scope);
    }

    pub(super) fn note(&mut self, note: &Note<Written>, scope: Scope<'_>) {
        let Note { text } = note;
        self.mark("note");
        self.value(text, scope);
    }

    pub(super) fn pause(&mut self, pause: &Pause<Written>, scope: Scope<'_>) {
        let Pause { text } = pause;
        self.mark("pause");
        self.option(text.as_ref(), scope);
    }

    pub(super) fn soft_fail(&mut self, soft_fail: &SoftFail<Written>, scope: Scope<'_>) {
        let SoftFail {
            reason,
            ticket,
            expires,
        } = soft_fail;
        self.mark("soft_fail");
        self.value(reason, scope);
        self.value(ticket, scope);
        self.maybe(expires.as_ref(), |to, expires| {
            to.text(&expires.to_string());
            to.excused_until(*expires);
        });
    }
}
