//! The parts of each verb. Structs are taken apart without `..`, so the compiler reports a new field until somebody
//! decides whether it counts.

use super::hasher::KeyHasher;
use super::known::Scope;
use crate::step::Action;
use crate::value::Written;

impl KeyHasher {
    pub(super) fn action(&mut self, action: &Action<Written>, scope: Scope<'_>) {
        match action {
            Action::See(see) => self.see(see, scope),
            Action::Gone(gone) => self.gone(gone, scope),
            Action::Still(still) => self.still(still, scope),
            Action::Changed(changed) => self.changed(changed, scope),
            Action::Screenshot(screenshot) => self.screenshot(screenshot, scope),
            Action::Press(press) => self.press(press, scope),
            Action::Hold(hold) => self.hold(hold, scope),
            Action::Type(text) => self.type_text(text, scope),
            Action::Click(click) => self.click(click, scope),
            Action::Move(to) => self.move_to(to, scope),
            Action::Drag(drag) => self.drag(drag, scope),
            Action::Scroll(scroll) => self.scroll(scroll, scope),
            Action::Serial(serial) => self.serial(serial, scope),
            Action::Run(run) => self.run(run, scope),
            Action::Put(put) => self.put(put, scope),
            Action::Get(get) => self.get(get, scope),
            Action::Reboot(reboot) => self.reboot(reboot),
            Action::Shutdown => self.mark("shutdown"),
            Action::Power(power) => self.power(*power),
            Action::Media(media) => self.media(media, scope),
            Action::Boot(boot) => self.boot(boot, scope),
            Action::Group(group) => self.group(group),
            Action::Include(include) => self.include(include),
            Action::Each(each) => self.each(each),
            Action::Set(set) => self.set(set, scope),
            Action::Assert(assert) => self.assert(assert, scope),
            Action::Note(note) => self.note(note, scope),
            Action::Pause(pause) => self.pause(pause, scope),
            Action::SoftFail(soft_fail) => self.soft_fail(soft_fail, scope),
        }
    }
}
