//! The build program as a process: its own group, its lines, its end.
