//! Every verb with every field. Structures are taken apart without `..`, so a field that is new is an error here until
//! it is decided whether it counts.

use super::hasher::KeyHasher;
use super::known::Scope;
use crate::step::{
    Action, Again, Area, Assert, Boot, Button, Changed, Click, Date, Direction, Drag, Each, Exit,
    Gone, Group, Hold, Include, Items, Media, Move, Note, Over, Pause, Power, Press, Reboot,
    RebootBy, Run, Screenshot, Scroll, See, Serial, SerialWait, Set, SoftFail, Still, Target, Type,
};
use crate::value::Written;
use crate::watch::Reboots;

impl KeyHasher {
    pub(super) fn action(&mut self, action: &Action<Written>, scope: Scope<'_>) {
        match action {
            Action::See(See { needle, not, stays }) => {
                self.mark("see");
                self.tags(needle, scope);
                self.maybe(not.as_ref(), |to, not| to.tags(not, scope));
                self.option(stays.as_ref(), scope);
            }
            Action::Gone(Gone { needle }) => {
                self.mark("gone");
                self.tags(needle, scope);
            }
            Action::Still(Still {
                stays,
                level,
                ignore,
            }) => {
                self.mark("still");
                self.value(stays, scope);
                self.option(level.as_ref(), scope);
                self.areas(ignore);
            }
            Action::Changed(Changed { level, ignore }) => {
                self.mark("changed");
                self.option(level.as_ref(), scope);
                self.areas(ignore);
            }
            Action::Screenshot(Screenshot { name }) => {
                self.mark("screenshot");
                self.option(name.as_ref(), scope);
            }
            Action::Press(Press {
                keys,
                repeat,
                until,
                every,
                when_still,
            }) => {
                self.mark("press");
                self.list(keys, scope);
                self.option(repeat.as_ref(), scope);
                self.maybe(until.as_ref(), |to, until| to.tags(until, scope));
                self.option(every.as_ref(), scope);
                self.option(when_still.as_ref(), scope);
            }
            Action::Hold(Hold { keys, lasts }) => {
                self.mark("hold");
                self.value(keys, scope);
                self.option(lasts.as_ref(), scope);
            }
            Action::Type(Type {
                text,
                secret,
                enter,
                every,
                when_still,
            }) => {
                self.mark("type");
                self.value(text, scope);
                self.flag(*secret);
                self.flag(*enter);
                self.option(every.as_ref(), scope);
                self.option(when_still.as_ref(), scope);
            }
            Action::Click(Click {
                target,
                button,
                count,
                until,
                every,
            }) => {
                self.mark("click");
                self.target(target, scope);
                self.button(*button);
                self.number(*count as usize);
                self.maybe(until.as_ref(), |to, until| to.tags(until, scope));
                self.option(every.as_ref(), scope);
            }
            Action::Move(Move { target }) => {
                self.mark("move");
                self.target(target, scope);
            }
            Action::Drag(Drag { from, to, button }) => {
                self.mark("drag");
                self.target(from, scope);
                self.target(to, scope);
                self.button(*button);
            }
            Action::Scroll(scroll) => self.scroll(scroll, scope),
            Action::Serial(serial) => self.serial(serial, scope),
            Action::Run(Run {
                command,
                exit,
                output,
                save,
                user,
                stdin,
                over,
            }) => {
                self.mark("run");
                self.maybe(over.as_ref(), |to, over| {
                    to.mark(match over {
                        Over::Agent => "agent",
                        Over::Serial => "serial",
                    });
                });
                self.value(command, scope);
                self.exit(*exit);
                self.option(output.as_ref(), scope);
                self.maybe(save.as_ref(), |to, save| to.text(save));
                self.option(user.as_ref(), scope);
                self.option(stdin.as_ref(), scope);
            }
            Action::Reboot(Reboot { by }) => {
                self.mark("reboot");
                self.mark(match by {
                    RebootBy::Guest => "guest",
                    RebootBy::Reset => "reset",
                });
            }
            Action::Shutdown => self.mark("shutdown"),
            Action::Power(power) => {
                self.mark("power");
                self.mark(match power {
                    Power::On => "on",
                    Power::Off => "off",
                    Power::Reset => "reset",
                    Power::Cut => "cut",
                });
            }
            Action::Media(media) => {
                self.mark("media");
                match media {
                    Media::Eject => self.mark("eject"),
                    Media::Insert { file } => {
                        self.mark("insert");
                        self.medium(file, scope);
                    }
                }
            }
            Action::Boot(Boot { from }) => {
                self.mark("boot");
                self.value(from, scope);
            }
            // The name is a title.
            Action::Group(Group {
                name: _,
                retry,
                optional,
            }) => self.steps_inside(*retry, *optional),
            // The steps of the file, and what is bound for them, stand in the steps inside.
            Action::Include(Include { file: _, vars: _ })
            | Action::Each(Each {
                items: Items::List(_) | Items::Variable(_),
                variable: _,
            }) => self.steps_inside(0, false),
            Action::Set(Set { vars }) => {
                self.mark("set");
                self.named(vars, scope);
            }
            Action::Assert(Assert { that, message }) => {
                self.mark("assert");
                self.condition(that, scope);
                self.option(message.as_ref(), scope);
            }
            Action::Note(Note { text }) => {
                self.mark("note");
                self.value(text, scope);
            }
            Action::Pause(Pause { text }) => {
                self.mark("pause");
                self.option(text.as_ref(), scope);
            }
            Action::SoftFail(SoftFail {
                reason,
                ticket,
                expires,
            }) => {
                self.mark("soft_fail");
                self.value(reason, scope);
                self.value(ticket, scope);
                self.maybe(expires.as_ref(), |to, expires: &Date| {
                    to.text(&expires.to_string());
                    to.excused_until(*expires);
                });
            }
        }
    }

    /// A verb that is the steps inside it, which follow.
    fn steps_inside(&mut self, retry: u32, optional: bool) {
        self.mark("steps");
        self.number(retry as usize);
        self.flag(optional);
    }

    fn scroll(&mut self, scroll: &Scroll<Written>, scope: Scope<'_>) {
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

    fn serial(&mut self, serial: &Serial<Written>, scope: Scope<'_>) {
        let Serial { send, secret, wait } = serial;
        self.mark("serial");
        self.option(send.as_ref(), scope);
        self.flag(*secret);
        match wait {
            None => self.mark("nothing"),
            Some(SerialWait::Appears {
                pattern,
                save,
                again,
            }) => {
                self.mark("appears");
                self.value(pattern, scope);
                if let Some(Again { every }) = again {
                    self.mark("again");
                    self.option(every.as_ref(), scope);
                }
                self.maybe(save.as_ref(), |to, save| to.text(save));
            }
            Some(SerialWait::Absent { pattern, lasts }) => {
                self.mark("absent");
                self.value(pattern, scope);
                self.value(lasts, scope);
            }
        }
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

    pub(super) fn exit(&mut self, exit: Exit) {
        match exit {
            Exit::Any => self.mark("any"),
            Exit::Status(status) => {
                self.mark("status");
                self.text(&status.to_string());
            }
        }
    }

    pub(super) fn reboots(&mut self, reboots: Reboots) {
        self.mark(match reboots {
            Reboots::ExpectedOnly => "expected-only",
            Reboots::Any => "any",
        });
    }
}
