/// What the host calls itself, from `/etc/os-release`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OsRelease {
    /// Such as `debian`; empty when unknown.
    pub id: String,
    /// Such as `12`; empty when there is none.
    pub version_id: String,
    /// Such as `bookworm`; empty when there is none.
    pub codename: String,
    /// For people, such as `Debian GNU/Linux 12 (bookworm)`.
    pub pretty_name: String,
    /// Distributions it is made from, such as `debian`.
    pub like: Vec<String>,
}
