//! SU02xx: what a Compose file says.

use super::codes;

codes! { COMPOSE:
    UNKNOWN_KEY = "SU0201", "unknown key",
        "The Compose file format has no such key at this place. A key that nothing reads would be ignored in silence, so it is refused. Extension keys start with `x-`.";
}
