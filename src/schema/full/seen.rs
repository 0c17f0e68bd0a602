//! Which members or items of one instance some schema has evaluated.
//!
//! What `unevaluatedProperties` and `unevaluatedItems` ask for. A schema that fails leaves none.

/// One mark for each child of an instance, in order; missing ones are not set.
#[derive(Clone, Debug, Default)]
pub struct Seen(Vec<bool>);

impl Seen {
    pub fn mark(&mut self, child: usize) {
        if self.0.len() <= child {
            self.0.resize(child + 1, false);
        }
        if let Some(mark) = self.0.get_mut(child) {
            *mark = true;
        }
    }

    pub fn has(&self, child: usize) -> bool {
        self.0.get(child).copied().unwrap_or(false)
    }

    pub fn add(&mut self, other: &Seen) {
        for (child, mark) in other.0.iter().enumerate() {
            if *mark {
                self.mark(child);
            }
        }
    }
}
