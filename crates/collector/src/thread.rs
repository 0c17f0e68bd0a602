//! Starts the collector's own threads, each under a name that a debugger shows.

use std::thread::{Builder, JoinHandle};

use crate::error::StartError;

/// `doing` says what can't be done where the system has no thread left.
pub fn start<T: Send + 'static>(
    name: &str,
    doing: &'static str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, StartError> {
    let thread = Builder::new().name(name.into()).spawn(run);
    thread.map_err(|cause| StartError::System { doing, cause })
}
