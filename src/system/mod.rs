//! What differs between operating systems, one small thing a file. Every other room calls it, and is the same everywhere.
//!
//! What a system does not have fails here, in words that say so: nothing is made up for it.

pub mod apart;
pub mod beneath;
pub mod file;
pub mod home;
pub mod host;
pub mod lent;
pub mod local;
pub mod private;
pub mod process;
pub mod stop;
pub mod tcp;
pub mod terminal;
#[cfg(test)]
pub mod testing;
pub mod unfit;
