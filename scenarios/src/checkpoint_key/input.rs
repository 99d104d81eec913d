//! The verbs of keyboard and pointer.

use super::hasher::KeyHasher;
use super::known::Scope;
use crate::step::{Button, Click, Direction, Drag, Hold, Move, Press, Scroll, Target, Type};
use crate::value::Written;

impl KeyHasher {
    pub(super) fn press(&mut self, press: &Press<Written>, scope: Scope<'_>) {
        let Press {
            keys,
            repeat,
            until,
            every,
            when_still,
        } = press;
        self.mark("press");
        self.list(keys, scope);
        self.option(repeat.as_ref(), scope);
        self.maybe(until.as_ref(), |to, until| to.tags(until, scope));
        self.option(every.as_ref(), scope);
        self.option(when_still.as_ref(), scope);
    }

    pub(super) fn hold(&mut self, hold: &Hold<Written>, scope: Scope<'_>) {
        let Hold { keys, lasts } = hold;
        self.mark("hold");
        self.value(keys, scope);
        self.option(lasts.as_ref(), scope);
    }

    pub(super) fn type_text(&mut self, typed: &Type<Written>, scope: Scope<'_>) {
        let Type {
            text,
            secret,
            enter,
            every,
            when_still,
        } = typed;
        self.mark("type");
        self.value(text, scope);
        self.flag(*secret);
        self.flag(*enter);
        self.option(every.as_ref(), scope);
        self.option(when_still.as_ref(), scope);
    }

    pub(super) fn click(&mut self, click: &Click<Written>, scope: Scope<'_>) {
        let Click {
            target,
            button,
            count,
            until,
            every,
        } = click;
        self.mark("click");
        self.target(target, scope);
        self.button(*button);
        self.number(*count as usize);
        self.maybe(until.as_ref(), |to, until| to.tags(until, scope));
        self.option(every.as_ref(), scope);
    }

    pub(super) fn move_to(&mut self, to: &Move<Written>, scope: Scope<'_>) {
        let Move { target } = to;
        self.mark("move");
        self.target(target, scope);
    }

    pub(super) fn drag(&mut self, drag: &Drag<Written>, scope: Scope<'_>) {
        let Drag { from, to, button } = drag;
        self.mark("drag");
        self.target(from, scope);
        self.target(to, scope);
        self.button(*button);
    }

    pub(super) fn scroll(&mut self, scroll: &Scroll<Written>, scope: Scope<'_>) {
        let Scroll {
            direction,
            notches,
            target,
        } = scroll;
        self.mark("scroll");
        self.mark(match direction {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Left => "left",
            Direction::Right => "right",
        });
        self.number(*notches as usize);
        self.maybe(target.as_ref(), |to, target| to.target(target, scope));
    }

    fn target(&mut self, target: &Target<Written>, scope: Scope<'_>) {
        match target {
            Target::Needle { needle, point } => {
                self.mark("needle");
                self.tags(needle, scope);
                self.option(point.as_ref(), scope);
            }
            Target::At { x, y } => {
                self.mark("at");
                self.value(x, scope);
                self.value(y, scope);
            }
        }
    }

    fn button(&mut self, button: Button) {
        self.mark(match button {
            Button::Left => "left",
            Button::Middle => "middle",
            Button::Right => "right",
        });
    }
}
