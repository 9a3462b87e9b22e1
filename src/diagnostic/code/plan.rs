//! SU07xx: what a plan can and cannot do.

use super::codes;

codes! { PLAN:
    NETWORK_DIFFERS = "SU0701", "network differs and cannot be changed in place",
        "Swarm cannot change a network. It must be removed and created again, which stops the services on it: `--recreate-networks` allows that. `docker stack deploy` ignores the difference in silence.";
}
