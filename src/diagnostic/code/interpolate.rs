//! SU03xx: `${VARIABLES}` in values.

use super::codes;

codes! { INTERPOLATE:
    INVALID_SUBSTITUTION = "SU0301", "invalid variable substitution",
        "A `$` in a value starts a variable: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`. Write `$$` for a dollar sign.";
}
