//! `services.NAME.healthcheck`.

use super::Nanos;
use crate::diagnostic::Spanned;

/// A health check. `{}` is written but empty and differs from none.
#[derive(Clone, Debug, Default)]
pub struct Healthcheck {
    /// `["CMD-SHELL", …]`, `["CMD", …]` or `["NONE"]`.
    pub test: Option<Spanned<Vec<String>>>,
    pub interval: Option<Spanned<Nanos>>,
    pub timeout: Option<Spanned<Nanos>>,
    pub retries: Option<Spanned<u64>>,
    pub start_period: Option<Spanned<Nanos>>,
    pub start_interval: Option<Spanned<Nanos>>,
    pub disable: Option<Spanned<bool>>,
}
