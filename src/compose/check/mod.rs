//! What can only be said when all files are one: references, images, contents, cycles.

mod contents;
mod cycle;
mod finish;
mod image;
mod profiles;
mod references;
mod swarm;

pub use finish::finish;
