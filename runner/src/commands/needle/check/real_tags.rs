//! Tells which needles share a tag that names a thing on the screen.

use std::collections::{BTreeMap, BTreeSet};

use needles::Needle;

/// In a set of at most so many needles, a tag of most of them still names a thing.
const HANDFUL: usize = 5;

/// For each needle its real tags, by number, in ascending order.
#[derive(Debug)]
pub(super) struct RealTags(Vec<Vec<u32>>);

impl RealTags {
    /// Numbers the real tags of a set. The tags `ENV-...` of openQA name the tests that use a needle. A tag that more
    /// than half of the set has, such as the name of the product, does not name a thing either.
    pub(super) fn of<'n>(needles: impl ExactSizeIterator<Item = &'n Needle> + Clone) -> Self {
        let mut carriers: BTreeMap<&str, usize> = BTreeMap::new();
        for needle in needles.clone() {
            let own: BTreeSet<&str> = needle.tags().iter().map(String::as_str).collect();
            for tag in own {
                *carriers.entry(tag).or_default() += 1;
            }
        }
        let count = needles.len();
        let is_real = |tag: &str, carriers: usize| {
            !tag.starts_with("ENV-") && (count <= HANDFUL || carriers * 2 <= count)
        };
        let real = carriers
            .into_iter()
            .filter(|(tag, carriers)| is_real(tag, *carriers));
        let numbers: BTreeMap<&str, u32> = real.map(|(tag, _)| tag).zip(0..).collect();
        let numbered = needles.map(|needle| {
            let tags = needle.tags().iter();
            let own: BTreeSet<u32> = tags
                .filter_map(|tag| numbers.get(tag.as_str()).copied())
                .collect();
            own.into_iter().collect()
        });
        Self(numbered.collect())
    }

    /// Returns true if two needles, by their position in the set, have a real tag in common.
    pub(super) fn share(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.0[a], &self.0[b]);
        a.iter().any(|tag| b.binary_search(tag).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tags: &[&[&str]]) -> RealTags {
        let needles: Vec<Needle> = tags
            .iter()
            .map(|tags| {
                let tags = serde_json::json!(tags);
                let json = format!(r#"{{"tags":{tags},"area":[{{"width":1,"height":1}}]}}"#);
                Needle::from_json("n", json.as_bytes()).expect("a needle")
            })
            .collect();
        RealTags::of(needles.iter())
    }

    #[test]
    fn a_tag_for_tests_or_of_most_of_the_set_is_not_shared() {
        let login: &[&str] = &["login", "ENV-A-b", "login"];
        assert!(set(&[login, login, login]).share(0, 2));
        assert!(!set(&[&["a", "ENV-A-b"], &["b", "ENV-A-b"]]).share(0, 1));
        let product: &[&str] = &["product"];
        let other: &[&str] = &["other"];
        // Three of six are not more than half.
        assert!(set(&[product, product, product, other, other, other]).share(0, 1));
        let most = set(&[product, product, product, product, other, other]);
        assert!(!most.share(0, 1));
        assert!(most.share(4, 5));
        assert!(set(&[product; 5]).share(0, 1));
        assert!(!set(&[&[], &[]]).share(0, 1));
    }
}
