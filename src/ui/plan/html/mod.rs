//! A plan as one page that stands by itself: no request, no script, light or dark as the reader has it, readable on a phone.

mod course;
mod order;
mod page;
mod places;
mod style;

pub use page::html;

use crate::plan::Action;

/// The class that colours what is done.
fn tone(action: Action) -> &'static str {
    match action {
        Action::Create => "good",
        Action::Update | Action::Scale => "calm",
        Action::Restart => "warn",
        Action::Recreate | Action::Remove => "bad",
    }
}

#[cfg(test)]
mod tests;
