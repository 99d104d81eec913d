//! Memory that passes from dropped frames to new ones.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Number of bytes kept for later use. Memory beyond that goes back to the system.
const MOST_KEPT: usize = 64 << 20;

/// Numbers in memory that is passed on from dropped frames to new ones.
///
/// Frames follow each other and have one size. The system clears new memory page by page on the first write, and that
/// takes longer than computing the numbers.
#[derive(Debug)]
pub(crate) struct Recycled<T: Number>(Vec<T>);

impl<T: Number> Recycled<T> {
    /// Takes memory for this many numbers. Their values are undefined leftovers.
    pub(crate) fn of(length: usize) -> Self {
        let mut kept = T::kept().lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = kept.of_length.get_mut(&length).and_then(Vec::pop);
        if numbers.is_some() {
            kept.bytes -= length * size_of::<T>();
        }
        drop(kept);
        Self(numbers.unwrap_or_else(|| vec![T::default(); length]))
    }

    /// Returns the numbers to a caller that keeps them longer than a frame. Their memory is not reused.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        std::mem::take(&mut self.0)
    }
}

impl<T: Number> Clone for Recycled<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::of(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Number> Drop for Recycled<T> {
    fn drop(&mut self) {
        let numbers = std::mem::take(&mut self.0);
        let bytes = size_of_val(numbers.as_slice());
        if bytes == 0 || bytes > MOST_KEPT {
            return;
        }
        let mut kept = T::kept().lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + bytes > MOST_KEPT {
            // Most of it has lengths that no frame uses any more.
            *kept = Spare::default();
        }
        kept.bytes += bytes;
        kept.of_length
            .entry(numbers.len())
            .or_default()
            .push(numbers);
    }
}

impl<T: Number> Deref for Recycled<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Number> DerefMut for Recycled<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

/// Memory that waits to be used again.
#[derive(Debug)]
pub(crate) struct Spare<T> {
    bytes: usize,
    of_length: HashMap<usize, Vec<Vec<T>>>,
}

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self {
            bytes: 0,
            of_length: HashMap::new(),
        }
    }
}

/// A number type that planes consist of.
pub(crate) trait Number: Copy + Default + 'static {
    /// Returns the memory of this type that waits to be used again.
    fn kept() -> &'static Mutex<Spare<Self>>;
}

impl Number for u8 {
    fn kept() -> &'static Mutex<Spare<Self>> {
        static KEPT: LazyLock<Mutex<Spare<u8>>> = LazyLock::new(Mutex::default);
        &KEPT
    }
}

impl Number for u32 {
    fn kept() -> &'static Mutex<Spare<Self>> {
        static KEPT: LazyLock<Mutex<Spare<u32>>> = LazyLock::new(Mutex::default);
        &KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_had_another_gets() {
        // A length that no other test uses, because tests run in parallel.
        let mut first = Recycled::<u8>::of(12_345);
        first.fill(7);
        let copy = first.clone();
        assert_eq!(*copy, *first);
        let place = first.as_ptr();
        drop(first);
        let second = Recycled::<u8>::of(12_345);
        assert_eq!(second.as_ptr(), place);
        assert_eq!(second.len(), 12_345);
        assert_eq!(Recycled::<u32>::of(12_345).len(), 12_345);
    }

    #[test]
    fn what_is_kept_elsewhere_does_not_come_back() {
        let numbers = Recycled::<u8>::of(23_456).into_vec();
        assert_ne!(Recycled::<u8>::of(23_456).as_ptr(), numbers.as_ptr());
        drop(Recycled::<u8>::of(MOST_KEPT + 1));
        let kept = u8::kept().lock().unwrap();
        assert!(!kept.of_length.contains_key(&0));
        assert!(!kept.of_length.contains_key(&(MOST_KEPT + 1)));
    }
}
