//! The image of a job.

use super::job::Settings;
use super::machine::file_name;
use crate::openqa::steps::scalar;

/// An image, as lines of `images:` without indent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::openqa) struct ImageText {
    pub(in crate::openqa) name: String,
    pub(in crate::openqa) lines: Vec<String>,
    /// The architecture of the job.
    pub(in crate::openqa) arch: String,
    /// True if it is a disk, not a CD.
    pub(in crate::openqa) is_disk: bool,
}

/// Returns the path of an asset: openQA keeps them in folders by their kind.
pub(super) fn asset(kind: &str, name: &str) -> String {
    match name.contains('/') {
        true => name.to_owned(),
        false => format!("assets/{kind}/{name}"),
    }
}

impl ImageText {
    /// Makes the image of a job: its disk, else its CD, else its kernel.
    pub(in crate::openqa) fn of(settings: &Settings) -> Option<Self> {
        let get = |name: &str| {
            settings
                .get(name)
                .map(|value| value.trim())
                .filter(|value| !value.is_empty())
        };
        let arch = get("ARCH").unwrap_or("x86_64").to_owned();
        let stem = |path: &str| {
            let file = path.rsplit('/').next().unwrap_or(path);
            let endings = [
                ".xz", ".gz", ".zst", ".bz2", ".qcow2", ".iso", ".raw", ".img", ".vmdk",
            ];
            let mut stem = file;
            for _ in 0..2 {
                stem = endings
                    .iter()
                    .find_map(|ending| stem.strip_suffix(ending))
                    .unwrap_or(stem);
            }
            file_name(stem)
        };
        if let Some(disk) = get("HDD_1") {
            return Some(Self {
                name: stem(disk),
                lines: vec![format!("path: {}", scalar(&asset("hdd", disk)))],
                arch: arch.clone(),
                is_disk: true,
            });
        }
        if let Some(iso) = get("ISO") {
            return Some(Self {
                name: stem(iso),
                lines: vec![format!("path: {}", scalar(&asset("iso", iso)))],
                arch: arch.clone(),
                is_disk: false,
            });
        }
        let kernel = get("KERNEL")?;
        let mut lines = vec![format!("kernel: {}", scalar(&asset("other", kernel)))];
        lines.extend(
            get("INITRD").map(|initrd| format!("initrd: {}", scalar(&asset("other", initrd)))),
        );
        lines.extend(get("APPEND").map(|words| format!("cmdline: {}", scalar(words))));
        Some(Self {
            name: stem(kernel),
            lines,
            arch,
            is_disk: false,
        })
    }
}
