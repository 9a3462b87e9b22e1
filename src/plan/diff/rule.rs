//! How two forms of one field are judged equal, and how a field is described.

use serde_json::Value;

use super::names::Names;
use crate::plan::Effect;

/// One field of a ServiceSpec.
pub(super) struct Field {
    /// JSON pointer into the spec.
    pub spec: &'static str,
    /// The Compose path that sets it.
    pub compose: &'static str,
    pub rule: Rule,
    pub show: Show,
    pub effect: Effect,
}

/// When two values of a field mean the same.
pub(super) enum Rule {
    /// Equal values; null, false, 0, `""`, `[]` and `{}` are all "nothing".
    Exact,
    /// Equal words; nothing is this word.
    Word(&'static str),
    /// Equal numbers; absent is this number, 0 is 0.
    Number(i64),
    /// Equal numbers; absent and 0 are this number.
    NumberOrZero(i64),
    /// Equal values; absent is not false.
    Presence,
    /// The same strings in any order.
    Set,
    /// The same strings in any order, whatever the spaces around an operator.
    Constraints,
    /// The same keys with the same values.
    Map,
    /// `NAME=value` strings in any order.
    Environment,
    /// Objects with a key of their own, in any order.
    Keyed(Keyed),
}

/// Objects in a list, told apart by key.
pub(super) struct Keyed {
    /// As a person names the object: `8080:80`, `/data`.
    pub key: fn(&Value, &Names) -> String,
    /// Equal for objects that mean the same.
    pub canonical: fn(&Value, &Names) -> Value,
    /// As Compose would say it.
    pub show: fn(&Value, &Names) -> Value,
}

/// How a single value is shown in Compose words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    Plain,
    /// Bytes as `50M`.
    Bytes,
    /// Nanoseconds as `1m30s`.
    Duration,
    /// Billionths of a CPU as `0.5`.
    Cpus,
    /// Spread preferences by their descriptor.
    Spread,
}
