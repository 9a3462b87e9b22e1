//! A plan as people read it. What it says is the plan's; how it is laid out is decided here.

mod change;
mod effect;
mod field;
mod header;
mod layout;
mod outside;
mod placement;
mod preflight;
mod summary;
mod view;

pub use view::PlanView;

#[cfg(test)]
mod tests;
