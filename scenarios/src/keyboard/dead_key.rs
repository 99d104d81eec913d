//! Dead keys. They type nothing and change the character of the next key.

/// The key that follows a dead key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// The key of this character.
    Character(char),
    /// The dead key again.
    Itself,
}

/// The dead keys of the tables: the character with a space, the character of the dead key twice, and pairs of a letter
/// and its result. The letters are those of Latin-1, on which text consoles and toolkits agree. The dead key twice
/// gives the accent alone on a desktop; a text console types an ASCII character instead.
const DEAD_KEYS: &[(&str, char, Option<char>, &str)] = &[
    ("dead_grave", '`', None, "AÀEÈIÌOÒUÙaàeèiìoòuù"),
    ("dead_acute", '\'', Some('´'), "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyý"),
    ("dead_circumflex", '^', None, "AÂEÊIÎOÔUÛaâeêiîoôuû"),
    ("dead_diaeresis", '"', Some('¨'), "AÄEËIÏOÖUÜaäeëiïoöuüyÿ"),
    ("dead_tilde", '~', None, "AÃNÑOÕaãnñoõ"),
    ("dead_cedilla", '¸', None, "CÇcç"),
    ("dead_abovering", '°', None, "AÅaå"),
];

/// Returns the characters of a dead key, each with the key that must follow.
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
