//! Dead keys: they type nothing, and change what the next key types.

/// The key that follows a dead key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// The key of this character.
    Character(char),
    /// The dead key again.
    Itself,
}

/// The dead keys of the tables: a space, then what follows and what is typed. Of the letters, those of Latin-1: text
/// consoles and toolkits agree on them. The dead key twice gives the accent by itself on a desktop; a text console has
/// an ASCII character for it.
const DEAD_KEYS: &[(&str, char, Option<char>, &str)] = &[
    ("dead_grave", '`', None, "AÀEÈIÌOÒUÙaàeèiìoòuù"),
    ("dead_acute", '\'', Some('´'), "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyý"),
    ("dead_circumflex", '^', None, "AÂEÊIÎOÔUÛaâeêiîoôuû"),
    ("dead_diaeresis", '"', Some('¨'), "AÄEËIÏOÖUÜaäeëiïoöuüyÿ"),
    ("dead_tilde", '~', None, "AÃNÑOÕaãnñoõ"),
    ("dead_cedilla", '¸', None, "CÇcç"),
    ("dead_abovering", '°', None, "AÅaå"),
];

/// Returns the characters of a dead key: each with the key that must follow it.
pub(super) fn results(name: &str) -> Vec<(Base, char)> {
    let Some((_, with_space, twice, letters)) = DEAD_KEYS.iter().find(|key| key.0 == name) else {
        return Vec::new();
    };
    let letters: Vec<char> = letters.chars().collect();
    let pairs = letters
        .chunks_exact(2)
        .map(|pair| (Base::Character(pair[0]), pair[1]));
    [(Base::Character(' '), *with_space)]
        .into_iter()
        .chain(twice.map(|accent| (Base::Itself, accent)))
        .chain(pairs)
        .collect()
}
