//! The recipe of a reference image.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Digest,
    recipe_digest::{RecipeDigest, Unreadable},
};

/// The recipe of a reference image: a folder, the shared parts that it names, and the program that builds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    name: String,
    folder: PathBuf,
    builder: PathBuf,
    layout: String,
    digest: Digest,
}

/// The reason why there is no such recipe.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The name cannot be that of a folder and of a file.
    #[error("`{name}` cannot be the name of an image: use lower-case letters, digits and `-`")]
    InvalidName {
        /// The name asked for.
        name: String,
    },
    /// No root holds a recipe of this name.
    #[error("no recipe `{name}`; there are: {}", listed(known))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The known names, sorted.
        known: Vec<String>,
    },
    /// The recipe names a shared part that does not exist.
    #[error("{}: names the part `{part}`, but there is no folder {}", parts.display(), folder.display())]
    UnknownPart {
        /// The file that lists the parts.
        parts: PathBuf,
        /// The name of the part.
        part: String,
        /// The place where it should be.
        folder: PathBuf,
    },
    /// The recipe asks for a layout that does not exist.
    #[error("{}: asks for the layout `{layout}`, but there is no file {}", disk.display(), file.display())]
    UnknownLayout {
        /// The file that asks for it.
        disk: PathBuf,
        /// The name of the layout.
        layout: String,
        /// The place where it should be.
        file: PathBuf,
    },
    /// A file of the recipe cannot be read.
    #[error("cannot read {} of the recipe `{name}`", path.display())]
    Unreadable {
        /// The name of the recipe.
        name: String,
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl Recipe {
    /// Finds the recipe `name` in the first of `roots` that has it, and takes its digest (milliseconds). A root is a
    /// folder like `vm/images`: the program `build`, `layouts/` of images, shared `parts/`, and a folder per recipe
    /// with a file `disk`.
    ///
    /// # Errors
    /// See [`RecipeError`].
    pub fn find(name: &str, roots: &[PathBuf]) -> Result<Self, RecipeError> {
        if !is_valid(name) {
            return Err(RecipeError::InvalidName {
                name: name.to_owned(),
            });
        }
        let Some(root) = roots.iter().find(|root| holds(root, name)) else {
            return Err(RecipeError::Unknown {
                name: name.to_owned(),
                known: Self::names(roots),
            });
        };
        let folder = root.join(name);
        let builder = root.join("build");
        let unreadable = |(path, source): Unreadable| RecipeError::Unreadable {
            name: name.to_owned(),
            path,
            source,
        };
        let mut digest = RecipeDigest::default();
        digest.add(b"build", &builder).map_err(unreadable)?;
        let disk = folder.join("disk");
        let layout = layout(&disk).map_err(unreadable)?;
        let layout_file = root.join("layouts").join(&layout);
        if !layout_file.is_file() {
            return Err(RecipeError::UnknownLayout {
                disk,
                layout,
                file: layout_file,
            });
        }
        let label = format!("layouts/{layout}");
        digest
            .add(label.as_bytes(), &layout_file)
            .map_err(unreadable)?;
        for part in parts(&folder).map_err(unreadable)? {
            let part_folder = root.join("parts").join(&part);
            if !part_folder.is_dir() {
                return Err(RecipeError::UnknownPart {
                    parts: folder.join("parts"),
                    part,
                    folder: part_folder,
                });
            }
            let label = format!("parts/{part}");
            digest
                .add(label.as_bytes(), &part_folder)
                .map_err(unreadable)?;
        }
        digest.add(b"recipe", &folder).map_err(unreadable)?;
        Ok(Self {
            name: name.to_owned(),
            folder,
            builder,
            layout,
            digest: digest.finish(),
        })
    }

    /// Returns the names of all recipes in `roots`, sorted, each once. A root that does not exist has none.
    #[must_use]
    pub fn names(roots: &[PathBuf]) -> Vec<String> {
        let in_root = |root: &PathBuf| {
            let entries = fs::read_dir(root).into_iter().flatten().flatten();
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            names
                .filter(|name| is_valid(name) && holds(root, name))
                .collect::<Vec<_>>()
        };
        let names: BTreeSet<_> = roots.iter().flat_map(in_root).collect();
        names.into_iter().collect()
    }

    /// Returns the name, which is that of the folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the folder of the recipe.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the program that builds it.
    #[must_use]
    pub fn builder(&self) -> &Path {
        &self.builder
    }

    /// Returns true if the image is a CD. A machine gets it in a drive, and not as a disk.
    #[must_use]
    pub fn is_cd(&self) -> bool {
        self.layout == LIVE_CD
    }

    /// Returns the digest of everything that the image is made from: name, content and execute bit of each file in the
    /// recipe and its parts, its layout, and the build program.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// The layout of a recipe that asks for none.
const DISK: &str = "disk";
/// The layout that makes a CD.
const LIVE_CD: &str = "live-cd";

/// Returns the layout that a recipe's file `disk` asks for. The file has shell variables, one or several a line.
fn layout(disk: &Path) -> Result<String, Unreadable> {
    let text = fs::read_to_string(disk).map_err(|error| (disk.to_owned(), error))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let layout = lines
        .flat_map(str::split_whitespace)
        .filter_map(|word| word.strip_prefix("layout="))
        .next_back();
    Ok(layout.unwrap_or(DISK).to_owned())
}

fn is_valid(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Returns true if there is a recipe of this name. The folder of layouts has a file `disk` as well.
fn holds(root: &Path, name: &str) -> bool {
    name != "layouts" && root.join(name).join("disk").is_file()
}

/// Returns the names in the recipe's file `parts`: the first word of each line that is neither empty nor a comment.
fn parts(folder: &Path) -> Result<Vec<String>, Unreadable> {
    let path = folder.join("parts");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err((path, error)),
    };
    let words = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    Ok(words
        .filter(|word| !word.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A root with the recipe `small`, which uses one of two parts.
    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("build", "#!/bin/sh\n"),
            ("layouts/disk", "# sourced\n"),
            ("layouts/live-cd", "# sourced\n"),
            ("small/disk", "root_mib=10\n"),
            ("small/parts", "# shared\nbase  everyone needs it\n\n"),
            ("small/files/etc/motd", "hello\n"),
            ("parts/base/packages", "init\n"),
            ("parts/other/packages", "vim\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn digest(root: &tempfile::TempDir) -> Digest {
        Recipe::find("small", &[root.path().to_owned()])
            .unwrap()
            .digest()
    }

    #[test]
    fn a_recipe_is_found_in_the_first_root_that_has_it() {
        let (first, second) = (root(), root());
        fs::remove_dir_all(first.path().join("small")).unwrap();
        let roots = [
            "/nowhere".into(),
            first.path().to_owned(),
            second.path().to_owned(),
        ];
        let recipe = Recipe::find("small", &roots).unwrap();
        assert_eq!(recipe.name(), "small");
        assert_eq!(recipe.folder(), second.path().join("small"));
        assert_eq!(recipe.builder(), second.path().join("build"));
        assert_eq!(Recipe::names(&roots), ["small"]);
    }

    #[test]
    fn the_digest_does_not_depend_on_where_the_checkout_lies_nor_on_other_parts() {
        let (one, two) = (root(), root());
        fs::write(two.path().join("parts/other/packages"), "emacs\n").unwrap();
        fs::write(two.path().join("layouts/live-cd"), "true\n").unwrap();
        assert_eq!(digest(&one), digest(&two));
    }

    #[test]
    fn the_digest_changes_with_whatever_the_image_is_made_from() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 7] = [
            ("the layout it uses", |root| {
                fs::write(root.join("layouts/disk"), "true\n").unwrap();
            }),
            ("the build program", |root| {
                fs::write(root.join("build"), "#!/bin/sh\nexit\n").unwrap();
            }),
            ("a file's content", |root| {
                fs::write(root.join("small/files/etc/motd"), "bye\n").unwrap();
            }),
            ("a file's name", |root| {
                let etc = root.join("small/files/etc");
                fs::rename(etc.join("motd"), etc.join("issue")).unwrap();
            }),
            ("an execute bit", |root| {
                let motd = root.join("small/files/etc/motd");
                fs::set_permissions(motd, PermissionsExt::from_mode(0o755)).unwrap();
            }),
            ("a part that is used", |root| {
                fs::write(root.join("parts/base/packages"), "systemd\n").unwrap();
            }),
            ("an empty folder", |root| {
                fs::create_dir(root.join("small/files/srv")).unwrap();
            }),
        ];
        for (what, change) in changes {
            let root = root();
            let before = digest(&root);
            change(root.path());
            assert_ne!(before, digest(&root), "{what}");
        }
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for name in ["", "..", "a/b", "Gnome", "-x", "a b", "é"] {
            let error = Recipe::find(name, &[]).unwrap_err().to_string();
            let expected = format!(
                "`{name}` cannot be the name of an image: use lower-case letters, digits and `-`"
            );
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn an_unknown_recipe_is_told_with_the_known_ones() {
        let root = root();
        let error = Recipe::find("parts", &[root.path().to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), "no recipe `parts`; there are: small");
        let error = Recipe::find("gnome", &[]).unwrap_err();
        assert_eq!(error.to_string(), "no recipe `gnome`; there are: none");
    }

    #[test]
    fn an_unknown_part_is_told_with_the_file_that_names_it() {
        let root = root();
        fs::write(root.path().join("small/parts"), "bse\n").unwrap();
        let error = Recipe::find("small", &[root.path().to_owned()]).unwrap_err();
        let at = root.path().display();
        assert_eq!(
            error.to_string(),
            format!(
                "{at}/small/parts: names the part `bse`, but there is no folder {at}/parts/bse"
            )
        );
    }

    #[test]
    fn the_layout_says_whether_an_image_is_a_cd() {
        let root = root();
        let roots = [root.path().to_owned()];
        assert!(!Recipe::find("small", &roots).unwrap().is_cd());
        let disk = root.path().join("small/disk");
        fs::write(&disk, "# layout=disk\nsuite=trixie layout=live-cd\n").unwrap();
        assert!(Recipe::find("small", &roots).unwrap().is_cd());
        fs::write(&disk, "layout=flopy\n").unwrap();
        let error = Recipe::find("small", &roots).unwrap_err();
        let at = root.path().display();
        assert_eq!(
            error.to_string(),
            format!(
                "{at}/small/disk: asks for the layout `flopy`, but there is no file {at}/layouts/flopy"
            )
        );
    }

    #[test]
    fn a_root_without_the_build_program_is_told() {
        let root = root();
        fs::remove_file(root.path().join("build")).unwrap();
        let error = Recipe::find("small", &[root.path().to_owned()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "cannot read {}/build of the recipe `small`",
                root.path().display()
            )
        );
    }
}
