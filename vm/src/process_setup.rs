//! What happens in a child process between fork and exec: the one place of this crate that needs `unsafe`.
