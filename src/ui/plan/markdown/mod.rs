//! A plan as a comment on a pull request: GitHub's Markdown, at most so many characters.

mod budget;
mod escape;
mod page;

pub use escape::{block, code, code_cell};
pub use page::{COMMENT, markdown};

#[cfg(test)]
mod tests;
