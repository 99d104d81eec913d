//! The loops for x86-64 with AVX2.

mod avx2;
mod preparing;
mod registers;
mod scanning;
mod sums;

pub(super) use avx2::Avx2;
