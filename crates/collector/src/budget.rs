//! How many bytes of requests may wait at the same time.
//!
//! Each request takes what it brings, and gives it back with its answer. When nothing is left the
//! collector is behind: it refuses at once, and senders come back, instead of all waiting longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What waiting requests share; clones are the same budget.
#[derive(Clone)]
pub struct Budget {
    limit: usize,
    taken: Arc<AtomicUsize>,
}

/// A request's part of the budget; given back with its value.
pub struct Held {
    budget: Budget,
    bytes: usize,
}

impl Budget {
    /// Room for `limit` bytes.
    pub fn new(limit: usize) -> Self {
        let taken = Arc::new(AtomicUsize::new(0));
        Self { limit, taken }
    }

    /// Begins a request; `None` when there is no room.
    pub fn begin(&self) -> Option<Held> {
        let budget = self.clone();
        let mut held = Held { budget, bytes: 0 };
        held.grow(REQUEST_BYTES).then_some(held)
    }

    /// What is taken now.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Takes more; `false` when there is no room, and then takes nothing.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let before = self.budget.taken.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > self.budget.limit {
            self.budget.taken.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What a request costs beside its body.
const REQUEST_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::{Budget, REQUEST_BYTES};

    #[test]
    fn what_is_taken_comes_back() {
        let budget = Budget::new(2 * REQUEST_BYTES + 100);
        let mut one = budget.begin().expect("room");
        let two = budget.begin().expect("room");
        assert!(budget.begin().is_none());
        assert!(one.grow(100) && !one.grow(1));
        drop(two);
        assert!(one.grow(REQUEST_BYTES));
        drop(one);
        assert_eq!(budget.taken(), 0);
    }
}
