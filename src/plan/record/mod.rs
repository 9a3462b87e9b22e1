//! Between a live stack and its record: what a release keeps, and what a kept release wants when one goes back to it.

mod accept;
mod keep;
mod wish;

#[cfg(test)]
mod tests;

pub use accept::accept;
pub use keep::{Keep, keep};
pub use wish::{needed, pinned_images, wish};
