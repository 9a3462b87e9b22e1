//! One renderer a form. Values in, strings out: nothing here prints.

pub mod diagnostic;
pub mod exit_table;
pub mod listing;
pub mod plan_json;
pub mod plan_text;
pub mod progress;
pub mod status;
pub mod table;
pub mod template;
pub mod theme;
pub mod wrap;

pub use theme::{Theme, Tone};

/// Takes values that nobody may see out of a text. Every renderer passes foreign text through one before it lays it out.
pub type Scrub<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// For texts that hold nothing to hide.
pub fn nothing_to_hide(text: &str) -> String {
    text.to_owned()
}
