//! SU06xx: talking to the engine.

use super::codes;

codes! { ENGINE:
    NO_ENGINE = "SU0601", "no engine answers",
        "Nothing answers at the address of the engine. `docker context ls` shows the addresses that docker knows; `-H`, `--context`, DOCKER_HOST and DOCKER_CONTEXT choose one.";
}
