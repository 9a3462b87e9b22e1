//! What a stack is made of and how it hangs together, as a picture: Mermaid, DOT or SVG.

mod dot;
mod layout;
mod mermaid;
mod model;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use model::{Edge, Graph, Link, Node, NodeKind};
pub use svg::svg;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
