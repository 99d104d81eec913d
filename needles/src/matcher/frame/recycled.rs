use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Bytes that are kept for later; what comes back beyond these is given to the system.
const MOST_KEPT: usize = 64 << 20;

/// Numbers in memory that comes from frames that are gone and goes to those that follow.
///
/// Frames come one after the other, all of one size. Memory from the system is cleared page by page when it is first
/// written, which takes longer than to compute what is written there.
#[derive(Debug)]
pub(crate) struct Recycled<T: Kind>(Vec<T>);

impl<T: Kind> Recycled<T> {
    /// So many numbers. They are whatever they were when somebody else had them.
    pub(crate) fn of(length: usize) -> Self {
        let mut kept = T::kept().lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = kept.of_length.get_mut(&length).and_then(Vec::pop);
        if numbers.is_some() {
            kept.bytes -= length * size_of::<T>();
        }
        drop(kept);
        Self(numbers.unwrap_or_else(|| vec![T::default(); length]))
    }

    /// The numbers, for who keeps them longer than a frame: their memory doesn't come back.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        std::mem::take(&mut self.0)
    }
}

impl<T: Kind> Clone for Recycled<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::of(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Kind> Drop for Recycled<T> {
    fn drop(&mut self) {
        let numbers = std::mem::take(&mut self.0);
        let bytes = size_of_val(numbers.as_slice());
        if bytes == 0 || bytes > MOST_KEPT {
            return;
        }
        let mut kept = T::kept().lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + bytes > MOST_KEPT {
            // Mostly of lengths that no frame has any more.
            *kept = Kept::default();
        }
        kept.bytes += bytes;
        kept.of_length
            .entry(numbers.len())
            .or_default()
            .push(numbers);
    }
}

impl<T: Kind> Deref for Recycled<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Kind> DerefMut for Recycled<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

/// What waits to be used again.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    bytes: usize,
    of_length: HashMap<usize, Vec<Vec<T>>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            bytes: 0,
            of_length: HashMap::new(),
        }
    }
}

/// A kind of numbers of which planes are made.
pub(crate) trait Kind: Copy + Default + 'static {
    /// What of this kind waits.
    fn kept() -> &'static Mutex<Kept<Self>>;
}

impl Kind for u8 {
    fn kept() -> &'static Mutex<Kept<Self>> {
        static KEPT: LazyLock<Mutex<Kept<u8>>> = LazyLock::new(Mutex::default);
        &KEPT
    }
}

impl Kind for u32 {
    fn kept() -> &'static Mutex<Kept<Self>> {
        static KEPT: LazyLock<Mutex<Kept<u32>>> = LazyLock::new(Mutex::default);
        &KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_had_another_gets() {
        // A length of its own, since other tests run beside this one.
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
