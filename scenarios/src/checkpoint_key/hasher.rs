//! Computes the digest of a step or a watch.

use std::collections::BTreeSet;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::key_material::KeyMaterial;
use super::looks::Looks;
use crate::step::Date;

/// Computes the digest. Does not implement `Debug`, because it takes secrets.
pub(super) struct KeyHasher {
    hash: Sha256,
    pub(super) looks: Looks,
    pub(super) per_attempt: bool,
    pub(super) media: Option<BTreeSet<String>>,
    pub(super) files: Option<BTreeSet<String>>,
    expires: Option<Date>,
}

impl KeyHasher {
    pub(super) fn new() -> Self {
        Self {
            hash: Sha256::new(),
            looks: Looks::default(),
            per_attempt: false,
            media: Some(BTreeSet::new()),
            files: Some(BTreeSet::new()),
            expires: None,
        }
    }

    pub(super) fn finish(self) -> KeyMaterial {
        KeyMaterial {
            digest: self.hash.finalize().into(),
            looks: self.looks,
            per_attempt: self.per_attempt,
            media: self.media,
            files: self.files,
            expires: self.expires,
        }
    }

    /// Notes that a soft failure is excused until this day.
    pub(super) fn excused_until(&mut self, last: Date) {
        self.expires = Some(self.expires.map_or(last, |known| known.min(last)));
    }

    /// Feeds a word that says what follows.
    pub(super) fn mark(&mut self, mark: &'static str) {
        self.text(mark);
    }

    pub(super) fn number(&mut self, number: usize) {
        self.hash.update((number as u64).to_le_bytes());
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.number(usize::from(flag));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len());
        self.hash.update(text);
    }

    pub(super) fn maybe<T>(&mut self, value: Option<T>, feed: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            feed(self, value);
        }
    }

    pub(super) fn every(&mut self, every: Option<&Duration>) {
        self.maybe(every, |to, every| to.text(&every.as_nanos().to_string()));
    }

    pub(super) fn names(&mut self, names: &[String]) {
        self.number(names.len());
        names.iter().for_each(|name| self.text(name));
    }
}
