//! A plan as people read it. What it says is the plan's; how it is laid out is decided here.

mod change;
mod effect;
mod field;
mod group;
mod header;
mod layout;
mod preflight;
mod reference;
mod rollout;
mod summary;
mod value;
mod view;

pub use view::PlanView;

#[cfg(test)]
pub(super) mod sample;
#[cfg(test)]
mod tests;
