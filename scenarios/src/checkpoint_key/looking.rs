//! The verbs that look at the screen.

use super::hasher::KeyHasher;
use super::known::Scope;
use crate::step::{Area, Changed, Gone, Screenshot, See, Still};
use crate::value::Written;

impl KeyHasher {
    pub(super) fn see(&mut self, see: &See<Written>, scope: Scope<'_>) {
        let See { needle, not, stays } = see;
        self.mark("see");
        self.tags(needle, scope);
        self.maybe(not.as_ref(), |to, not| to.tags(not, scope));
        self.option(stays.as_ref(), scope);
    }

    pub(super) fn gone(&mut self, gone: &Gone<Written>, scope: Scope<'_>) {
        let Gone { needle } = gone;
        self.mark("gone");
        self.tags(needle, scope);
    }

    pub(super) fn still(&mut self, still: &Still<Written>, scope: Scope<'_>) {
        let Still {
            stays,
            level,
            ignore,
        } = still;
        self.mark("still");
        self.value(stays, scope);
        self.option(level.as_ref(), scope);
        self.areas(ignore);
    }

    pub(super) fn changed(&mut self, changed: &Changed<Written>, scope: Scope<'_>) {
        let Changed { level, ignore } = changed;
        self.mark("changed");
        self.option(level.as_ref(), scope);
        self.areas(ignore);
    }

    pub(super) fn screenshot(&mut self, screenshot: &Screenshot<Written>, scope: Scope<'_>) {
        let Screenshot { name } = screenshot;
        self.mark("screenshot");
        self.option(name.as_ref(), scope);
    }

    fn areas(&mut self, areas: &[Area]) {
        self.number(areas.len());
        for Area {
            x,
            y,
            width,
            height,
        } in areas
        {
            for number in [x, y, width, height] {
                self.number(*number as usize);
            }
        }
    }
}
