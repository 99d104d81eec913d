//! What a guest says on its serial console.

pub(super) const SERIAL: [&str; 4] = [
    "[   11.902] systemd[1]: Started gdm.service - GNOME Display Manager.",
    "[   12.417] gdm-password[812]: pam_unix(gdm-password:auth): authentication failure",
    "\u{1b}[1;31m[FAILED]\u{1b}[0m Failed to start geoclue.service",
    "debian login: ",
];

pub(super) fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}
