//! One renderer a form.

pub mod listing;
pub mod table;
pub mod template;
