use super::{OsRelease, PackageFamily, apt};

/// Something the host lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What, such as `qemu-system-x86_64`.
    pub what: String,
    /// What it is for: completes "needed to ...".
    pub purpose: String,
    /// Packages of this distribution that have it; empty when the distribution or a package of it is not known here.
    pub packages: Vec<String>,
    /// Whether the usual work (x86_64 machines, reference images) needs it.
    pub required: bool,
}

/// How to install what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallPlan {
    /// Commands to run in order; the first word is the program. As root, or with `sudo` in front.
    pub commands: Vec<Vec<String>>,
}

impl InstallPlan {
    /// The command that renews the list of packages; none where installing does so itself. A plan made after it knows what the
    /// archive has now.
    #[must_use]
    pub fn refresh(os: &OsRelease) -> Option<Vec<String>> {
        match PackageFamily::of(os)? {
            PackageFamily::Apt => Some(vec!["apt-get".to_owned(), "update".to_owned()]),
            PackageFamily::Dnf | PackageFamily::Pacman | PackageFamily::Zypper => None,
        }
    }

    /// The plan for what of `missing` the distribution packages; none when that is nothing. Asks apt what it can install.
    pub(super) fn of<'a>(
        os: &OsRelease,
        missing: impl Iterator<Item = &'a Missing>,
    ) -> Option<Self> {
        Self::with_apt(os, missing, |packages| {
            apt::install_command(packages, &os.codename)
        })
    }

    fn with_apt<'a>(
        os: &OsRelease,
        missing: impl Iterator<Item = &'a Missing>,
        apt: impl FnOnce(&[String]) -> Vec<String>,
    ) -> Option<Self> {
        let mut packages: Vec<String> = Vec::new();
        for package in missing.flat_map(|missing| &missing.packages) {
            if !packages.contains(package) {
                packages.push(package.clone());
            }
        }
        if packages.is_empty() {
            return None;
        }
        let install = match PackageFamily::of(os)? {
            PackageFamily::Apt => apt(&packages),
            family => family.install(&packages),
        };
        let commands = Self::refresh(os).into_iter().chain([install]).collect();
        Some(Self { commands })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(packages: &[&str]) -> Missing {
        Missing {
            what: "something".to_owned(),
            purpose: "work".to_owned(),
            packages: packages.iter().map(|&name| name.to_owned()).collect(),
            required: true,
        }
    }

    #[test]
    fn each_package_is_installed_once_by_the_distributions_own_command() {
        let os = OsRelease::parse("ID=fedora");
        let missing = [
            missing(&["qemu-img"]),
            missing(&["util-linux"]),
            missing(&["util-linux", "qemu-img"]),
        ];
        let plan = InstallPlan::of(&os, missing.iter()).unwrap();
        assert_eq!(plan.commands.len(), 1);
        assert_eq!(
            plan.commands[0].join(" "),
            "dnf install --assumeyes qemu-img util-linux"
        );
    }

    #[test]
    fn apt_renews_its_list_first() {
        let os = OsRelease::parse("ID=debian");
        let missing = [missing(&["ovmf"])];
        let plan = InstallPlan::with_apt(&os, missing.iter(), |packages| {
            PackageFamily::Apt.install(packages)
        });
        let commands = plan.unwrap().commands;
        assert_eq!(commands[0], ["apt-get", "update"]);
        assert_eq!(
            commands[1].join(" "),
            "apt-get install --yes --no-install-recommends ovmf"
        );
    }

    #[test]
    fn there_is_no_plan_without_packages_or_for_a_distribution_that_is_not_known() {
        let debian = OsRelease::parse("ID=debian");
        assert_eq!(InstallPlan::of(&debian, [].iter()), None);
        assert_eq!(InstallPlan::of(&debian, [missing(&[])].iter()), None);
        let nixos = OsRelease::parse("ID=nixos");
        assert_eq!(InstallPlan::of(&nixos, [missing(&["ovmf"])].iter()), None);
    }
}
