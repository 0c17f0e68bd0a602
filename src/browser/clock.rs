//! The clock.

use super::hands;
use crate::time::UnixMillis;

pub fn now() -> UnixMillis {
    UnixMillis(hands::now() as u64)
}
