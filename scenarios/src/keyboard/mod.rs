//! The keyboard that the guest believes it has: which keys type a character.
//!
//! ```text
//! keyboard: de  -->  Layout (a table of keys) --+
//! beyond: ...   -->  Beyond ---------------------+--> taps: keys pressed together, one tap after the other
//! ```
//!
//! Keys have QEMU's names (QKeyCode): those of a US keyboard, whatever is printed on them.

mod beyond;
mod check;
mod dead_key;
mod function_keys;
mod layout;
mod untyped;

use crate::key_combo::Part;
use crate::schema::Shape;
use crate::yaml::{Field, Node, Reader};
use crate::{Image, KeyCombo, Machine, Project, Scenario};

pub use beyond::Beyond;
pub(crate) use check::untyped_in_step;
pub use function_keys::beyond_f12_in;
pub use layout::Layout;
pub use untyped::{Untyped, Why};

/// Keys that are pressed in this order, held together, and let go in the opposite order.
pub type Tap = Vec<&'static str>;

/// A layout, and what types the characters that it has no key for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Keyboard {
    /// The layout of the keys.
    pub layout: Layout,
    /// The way to type all other characters; absent: there is none.
    pub beyond: Option<Beyond>,
}

impl Keyboard {
    const FIELDS: &'static [Field] = &[
        Field::required("layout", Layout::SHAPE, "What the keys type."),
        Field::optional(
            "beyond",
            Beyond::SHAPE,
            "What types a character that no key types: the guest's compose key, or its entry of Unicode numbers.",
        ),
    ];
    pub(crate) const SHAPE: Shape = Shape::OneOf(&[Layout::SHAPE, Shape::Fields(&[Self::FIELDS])]);
    pub(crate) const FIELD: Field = Field::optional(
        "keyboard",
        Self::SHAPE,
        "The layout of the guest's keyboard; `us` when absent.",
    );

    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            return Some(Self {
                layout: reader.choice(node, "layout", Layout::NAMES)?,
                beyond: None,
            });
        }
        let fields = reader.fields(node, "`keyboard`", &[Self::FIELDS])?;
        let layout = fields.need("layout", reader, |r, n| {
            r.choice(n, "layout", Layout::NAMES)
        });
        let beyond = fields.may("beyond", reader, |r, n| r.choice(n, "way", Beyond::NAMES));
        Some(Self {
            layout: layout?,
            beyond: beyond?,
        })
    }

    /// The keyboard of a scenario where it runs: its own, else that of the image, the machine or the project, else a US
    /// one.
    pub fn of(
        project: Option<&Project>,
        image: Option<&Image>,
        machine: Option<&Machine>,
        scenario: &Scenario,
    ) -> Self {
        let of_image = || image.and_then(|image| image.keyboard);
        let of_machine = || machine.and_then(|machine| machine.keyboard);
        let of_project = || project.and_then(|project| project.keyboard);
        (scenario.keyboard)
            .or_else(of_image)
            .or_else(of_machine)
            .or_else(of_project)
            .unwrap_or_default()
    }

    /// The taps that type a text, one list for each character. `\n` is Return, `\t` is Tab.
    ///
    /// # Errors
    /// The first character that nothing types.
    pub fn text(self, text: &str) -> Result<Vec<Vec<Tap>>, Untyped> {
        text.chars()
            .map(|character| self.character(character))
            .collect()
    }

    /// The taps that press a combination: one, unless it is a single character that needs several.
    ///
    /// # Errors
    /// A character that nothing types, or that no single tap types although other keys are held with it.
    pub fn combo(self, combo: &KeyCombo) -> Result<Vec<Tap>, Untyped> {
        if let [Part::Character(character)] = combo.parts() {
            return self.character(*character);
        }
        self.chord(combo).map(|tap| vec![tap])
    }

    /// The keys of a combination that can be held down together.
    ///
    /// # Errors
    /// A character that no single tap types.
    pub fn chord(self, combo: &KeyCombo) -> Result<Tap, Untyped> {
        let mut tap = Tap::new();
        for part in combo.parts() {
            let keys = match part {
                Part::Named(key) => vec![*key],
                Part::Character(character) => match self.character(*character)?.as_slice() {
                    [one] => one.clone(),
                    _ => return Err(self.untyped(*character, Why::SeveralTaps)),
                },
            };
            // Shift may be written out and be needed for a character, too.
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
        taps.ok_or_else(|| self.untyped(character, Why::NoKey))
    }

    fn untyped(self, character: char, why: Why) -> Untyped {
        Untyped {
            character,
            keyboard: self,
            why,
        }
    }
}

#[cfg(test)]
mod tests;
