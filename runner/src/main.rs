//! `qa`: tests operating-system images the way a person would.

fn main() {}
