//! The shell: what the core needs of the browser.
//!
//! No decisions here. The work is done by the kernel (js/shell), one small file for each browser
//! API: what the browser calls back must come in by the kernel's door, the one place where a trap
//! is caught.

pub mod clock;
pub mod hands;
mod host;
#[cfg(feature = "typed")]
pub mod witness;

pub use host::BrowserHost;
