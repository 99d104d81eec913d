//! Needles, selected by tags.

use std::collections::HashMap;
use std::sync::Arc;

use super::needle::Needle;

/// Needles, selected by tags. Holds no pictures.
#[derive(Clone, Debug, Default)]
pub struct NeedleSet {
    needles: Vec<Arc<Needle>>,
}

impl NeedleSet {
    /// Makes a set. If several folders have a needle of the same name, all take part.
    pub fn new(needles: impl IntoIterator<Item = Needle>) -> Self {
        Self {
            needles: needles.into_iter().map(Arc::new).collect(),
        }
    }

    /// Returns all needles, in the order given.
    pub fn needles(&self) -> &[Arc<Needle>] {
        &self.needles
    }

    /// Returns the needle of this name. If several have it, returns the last one.
    pub fn named(&self, name: &str) -> Option<&Arc<Needle>> {
        self.needles
            .iter()
            .rev()
            .find(|needle| needle.name() == name)
    }

    /// Returns the needles that have all tags of at least one of these lists. Each is returned once, in the order of
    /// the set.
    ///
    /// Tags must be equal as a whole, including their case. An empty list selects nothing.
    pub fn select(&self, any_of: &[Vec<&str>]) -> Vec<Arc<Needle>> {
        self.needles
            .iter()
            .filter(|needle| is_asked_for(needle.tags(), any_of))
            .cloned()
            .collect()
    }

    /// Returns the needles that `variables` allows. A needle with tags `ENV-X-v` is kept only if the variable X has one
    /// of these values.
    ///
    /// The name of the variable ends at the first dash after `ENV-`. A tag without a value is an ordinary tag.
    pub fn fitting(&self, variables: impl Fn(&str) -> Option<String>) -> Self {
        let fits = |needle: &Needle| {
            let mut wanted: HashMap<&str, Vec<&str>> = HashMap::new();
            for tag in needle.tags() {
                if let Some((name, value)) =
                    tag.strip_prefix("ENV-").and_then(|tag| tag.split_once('-'))
                {
                    wanted.entry(name).or_default().push(value);
                }
            }
            wanted.iter().all(|(name, values)| {
                variables(name).is_some_and(|value| values.contains(&value.as_str()))
            })
        };
        Self {
            needles: self
                .needles
                .iter()
                .filter(|needle| fits(needle))
                .cloned()
                .collect(),
        }
    }
}

/// Returns true if these tags include all tags of at least one of the lists, as for [`NeedleSet::select`].
pub fn is_asked_for(tags: &[String], any_of: &[Vec<&str>]) -> bool {
    let carries = |wanted: &&str| tags.iter().any(|tag| tag == wanted);
    any_of
        .iter()
        .any(|all| !all.is_empty() && all.iter().all(&carries))
}

/// Splits the tags that a scenario asks for at spaces. A needle must have all of them.
pub fn split_tags(asked: &str) -> Vec<&str> {
    asked.split(' ').filter(|tag| !tag.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(needles: &[(&str, &[&str])]) -> NeedleSet {
        NeedleSet::new(needles.iter().map(|(name, tags)| {
            let tags = serde_json::to_string(tags).unwrap();
            let json = format!(r#"{{"tags":{tags},"area":[{{"width":1,"height":1}}]}}"#);
            Needle::from_json(name, json.as_bytes()).unwrap()
        }))
    }

    fn names(needles: &[Arc<Needle>]) -> Vec<&str> {
        needles.iter().map(|needle| needle.name()).collect()
    }

    #[test]
    fn tags_in_a_list_are_all_needed_and_lists_are_alternatives() {
        let set = set(&[
            ("one", &["tag1", "tag2"]),
            ("two", &["tag1"]),
            ("three", &["tag2", " x"]),
            ("none", &[]),
        ]);
        for (asked, found) in [
            (&["tag1"][..], &["one", "two"][..]),
            (&["tag1 tag2"], &["one"]),
            (&["tag1", "tag2"], &["one", "two", "three"]),
            (&["Tag1"], &[]),
            (&["tag"], &[]),
            (&["tag2 tag3"], &[]),
            (&[" x"], &[]),
            (&[""], &[]),
            (&[], &[]),
        ] {
            let asked: Vec<Vec<&str>> = asked.iter().map(|asked| split_tags(asked)).collect();
            assert_eq!(names(&set.select(&asked)), found, "{asked:?}");
        }
    }

    #[test]
    fn environment_tags_keep_a_needle_for_its_products() {
        let set = set(&[
            ("any", &["a"]),
            ("fedora", &["a", "ENV-DISTRI-fedora", "ENV-DISTRI-centos"]),
            ("fedora-text", &["ENV-DISTRI-fedora", "ENV-VIDEOMODE-text"]),
            ("dashed", &["ENV-VERSION-4.3-rc1"]),
            ("odd", &["ENV-", "ENV-X"]),
        ]);
        let fitting = |variables: &[(&str, &str)]| {
            let of = |name: &str| {
                variables
                    .iter()
                    .find(|v| v.0 == name)
                    .map(|v| v.1.to_owned())
            };
            set.fitting(of)
                .needles()
                .iter()
                .map(|needle| needle.name().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(fitting(&[]), ["any", "odd"]);
        assert_eq!(fitting(&[("DISTRI", "centos")]), ["any", "fedora", "odd"]);
        assert_eq!(
            fitting(&[("DISTRI", "fedora"), ("VIDEOMODE", "text")]),
            ["any", "fedora", "fedora-text", "odd"]
        );
        assert_eq!(fitting(&[("VERSION", "4.3-rc1")]), ["any", "dashed", "odd"]);
    }

    #[test]
    fn needles_of_one_name_all_take_part_and_the_last_has_the_name() {
        let set = set(&[("n", &["a"]), ("n", &["a", "b"])]);
        assert_eq!(set.select(&[vec!["a"]]).len(), 2);
        assert_eq!(set.named("n").unwrap().tags(), ["a", "b"]);
        assert_eq!(set.named("m"), None);
    }
}
