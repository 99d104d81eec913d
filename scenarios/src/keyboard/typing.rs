//! Converts texts and combinations to taps.

use super::key_combo::{KeyCombo, Part};
use super::keyboard::Keyboard;
use super::tap::Tap;
use super::untyped::{Untyped, UntypedReason};

impl Keyboard {
    /// Returns the taps that type a text, one list for each character. `\n` is Return, `\t` is Tab.
    ///
    /// # Errors
    /// The first character that the keyboard cannot type.
    pub fn text(self, text: &str) -> Result<Vec<Vec<Tap>>, Untyped> {
        text.chars()
            .map(|character| self.character(character))
            .collect()
    }

    /// Returns the taps that press a combination: one, unless it is a single character that needs several.
    ///
    /// # Errors
    /// A character that the keyboard cannot type, or not with a single tap although other keys are held with it.
    pub fn combo(self, combo: &KeyCombo) -> Result<Vec<Tap>, Untyped> {
        if let [Part::Character(character)] = combo.parts() {
            return self.character(*character);
        }
        self.chord(combo).map(|tap| vec![tap])
    }

    /// Returns the keys of a combination, to be held together.
    ///
    /// # Errors
    /// A character that the keyboard cannot type with a single tap.
    pub fn chord(self, combo: &KeyCombo) -> Result<Tap, Untyped> {
        let mut tap = Tap::new();
        for part in combo.parts() {
            let keys = match part {
                Part::Named(key) => vec![*key],
                Part::Character(character) => match self.character(*character)?.as_slice() {
                    [one] => one.clone(),
                    _ => return Err(self.untyped(*character, UntypedReason::SeveralTaps)),
                },
            };
            // Shift may be in the combination and also be needed for a character.
            tap.extend(
                keys.into_iter()
                    .filter(|key| !tap.contains(key))
                    .collect::<Tap>(),
            );
        }
        Ok(tap)
    }

    fn character(self, character: char) -> Result<Vec<Tap>, Untyped> {
        let own = self.layout.taps(character);
        let taps = own.or_else(|| self.beyond?.taps(self.layout, character));
        taps.ok_or_else(|| self.untyped(character, UntypedReason::NoKey))
    }

    fn untyped(self, character: char, reason: UntypedReason) -> Untyped {
        Untyped {
            character,
            keyboard: self,
            reason,
        }
    }
}
