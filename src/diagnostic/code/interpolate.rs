//! SU03xx: `${VARIABLES}` in values.

use super::codes;

codes! { INTERPOLATE:
    INVALID_SUBSTITUTION = "SU0301", "invalid variable substitution",
        "A `$` in a value starts a variable: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`. Write `$$` for a dollar sign.";
    UNSET_VARIABLE = "SU0302", "variable is not set",
        "The variable is neither in the environment nor in `.env` or an `--env-file`, and has no default, so an empty text takes its place. Docker does the same and says nothing.";
    REQUIRED_VARIABLE = "SU0303", "required variable is not set",
        "`${NAME:?message}` refuses the file while NAME is unset or empty (`${NAME?message}`: unset).";
    SWALLOWED_TEXT = "SU0304", "operator after a variable without braces",
        "Docker reads `$NAME-word` as `${NAME-word}`: the text after the operator is a default and vanishes when NAME is set. Braces say where a name ends.";
    DROPPED_DOLLAR = "SU0305", "dollar sign is dropped",
        "A `$` that starts no variable is an error (SU0301). Docker forgets the error where a variable follows in the same text, and drops the `$`; files that run for years rely on it, so the result is the same here. Write `$$` for a dollar sign.";
}
