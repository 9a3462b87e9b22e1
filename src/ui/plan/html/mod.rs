//! A plan as one page that stands by itself: no request, no script, light or dark as the reader has it, readable on a phone.

mod course;
mod order;
mod page;
mod places;
mod style;

pub use page::html;

#[cfg(test)]
mod tests;
