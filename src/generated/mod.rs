//! Tables made from spec/ by `cargo xtask generate`; a test fails when they are stale.

pub mod tables;
