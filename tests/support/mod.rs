//! What several test binaries share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod engine;
pub mod offline;
pub mod proxy;
pub mod run;
