//! The names that a Rust file imports, defines and mentions, read from its tokens. Tests in it are left out.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path of names as it is written: `crate::step::Verb`.
pub(super) type Path = Vec<String>;

/// A name that a `use` declares, and the path that it stands for. The name of `use a::*` is `*`.
pub(super) struct Import {
    pub(super) name: String,
    pub(super) path: Path,
    /// Declared with `pub`: handed on, which is no use by this file itself.
    pub(super) is_public: bool,
}

/// The names of one file.
#[derive(Default)]
pub(super) struct RustFile {
    pub(super) imports: Vec<Import>,
    /// The items of the file's outermost level.
    pub(super) defined: BTreeSet<String>,
    /// Every path in the code, imports excepted.
    pub(super) mentioned: BTreeSet<Path>,
    /// The modules that `mod name;` declares for tests alone.
    pub(super) test_modules: BTreeSet<String>,
}

impl RustFile {
    /// Reads a file's text; panics where it is not Rust.
    pub(super) fn read(text: &str) -> RustFile {
        let mut file = RustFile::default();
        let tokens = text.parse().unwrap_or_else(|error| panic!("{error}"));
        file.walk(tokens, true);
        file
    }

    fn walk(&mut self, tokens: TokenStream, is_outermost: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = if is_for_tests(&tokens, at) {
                self.pass_test_item(&tokens, at + 2)
            } else if is_word(&tokens, at, "use") && !is_sign(&tokens, at + 1, '<') {
                self.take_imports(&tokens, at)
            } else if let Some(TokenTree::Group(group)) = tokens.get(at) {
                self.walk(group.stream(), false);
                at + 1
            } else {
                if is_outermost {
                    self.take_definition(&tokens, at);
                }
                self.take_path(&tokens, at)
            };
        }
    }

    /// Passes over the item behind `#[cfg(test)]`; returns the place behind it.
    fn pass_test_item(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        let mut is_import = false;
        while let Some(token) = tokens.get(at) {
            is_import |= is_word(tokens, at, "use");
            if is_word(tokens, at, "mod") {
                self.test_modules.extend(word(tokens, at + 1));
            }
            let is_body =
                matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            at += 1;
            if is_sign(tokens, at - 1, ';') || is_body && !is_import {
                break;
            }
        }
        at
    }

    /// Takes a whole `use ...;`; returns the place behind it.
    fn take_imports(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let is_public = at > 0
            && (is_word(tokens, at - 1, "pub")
                || matches!(tokens[at - 1], TokenTree::Group(_))
                    && at > 1
                    && is_word(tokens, at - 2, "pub"));
        let end = (at..tokens.len()).find(|&place| is_sign(tokens, place, ';'));
        let end = end.unwrap_or(tokens.len());
        self.take_import_tree(&tokens[at + 1..end], &[], is_public);
        end + 1
    }

    fn take_import_tree(&mut self, tree: &[TokenTree], prefix: &[String], is_public: bool) {
        for branch in
            tree.split(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ','))
        {
            let mut path = prefix.to_vec();
            let mut name = None;
            for (at, token) in branch.iter().enumerate() {
                match token {
                    TokenTree::Group(group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.take_import_tree(&inner, &path, is_public);
                        path.clear();
                    }
                    TokenTree::Punct(sign) if sign.as_char() == '*' => name = Some("*".to_owned()),
                    TokenTree::Ident(_) if is_word(branch, at, "as") => name = word(branch, at + 1),
                    TokenTree::Ident(_) if at > 0 && is_word(branch, at - 1, "as") => {}
                    TokenTree::Ident(word) if *word == "self" && !path.is_empty() => {}
                    TokenTree::Ident(word) => path.push(word.to_string()),
                    _ => {}
                }
            }
            if let Some(name) = name.or_else(|| path.last().cloned()) {
                let path = path;
                self.imports.push(Import {
                    name,
                    path,
                    is_public,
                });
            }
        }
    }

    fn take_definition(&mut self, tokens: &[TokenTree], at: usize) {
        const ITEMS: [&str; 8] = [
            "struct", "enum", "union", "fn", "trait", "type", "const", "static",
        ];
        if ITEMS.iter().any(|item| is_word(tokens, at, item)) {
            self.defined.extend(word(tokens, at + 1));
        }
    }

    /// Takes the path that begins here, if one does; returns the place behind it.
    fn take_path(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        let Some(first) = word(tokens, at) else {
            return at + 1;
        };
        let follows = at > 0
            && (is_sign(tokens, at - 1, '.')
                || is_sign(tokens, at - 1, ':') && is_joined(tokens, at));
        let mut path = vec![first];
        at += 1;
        while is_sign(tokens, at, ':') && is_sign(tokens, at + 1, ':') {
            let Some(next) = word(tokens, at + 2) else {
                break;
            };
            path.push(next);
            at += 3;
        }
        if !follows {
            self.mentioned.insert(path);
        }
        at
    }
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

fn is_word(tokens: &[TokenTree], at: usize, wanted: &str) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(word)) if word == wanted)
}

fn is_sign(tokens: &[TokenTree], at: usize, wanted: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(sign)) if sign.as_char() == wanted)
}

/// Whether `::` stands before this place.
fn is_joined(tokens: &[TokenTree], at: usize) -> bool {
    at > 1 && is_sign(tokens, at - 2, ':')
}

/// Whether `#[cfg(test)]` stands here.
fn is_for_tests(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) else {
        return false;
    };
    is_sign(tokens, at, '#') && attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}
