//! What every command is run with.

use super::output::Output;
use super::settings::Settings;

/// One run of the program.
pub struct Invocation {
    pub settings: Settings,
    pub output: Output,
}
