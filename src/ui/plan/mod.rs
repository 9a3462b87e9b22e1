//! A plan in every form that people read. All of them render the [document](crate::plan::document) and nothing else.

mod diff;
mod group;
pub mod html;
pub mod markdown;
mod reference;
mod runner;
pub mod text;
mod timeline;
mod value;
mod words;
