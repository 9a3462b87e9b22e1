//! SU05xx: checks against the live swarm, before the first write.

use super::codes;

codes! { PREFLIGHT:
    DOES_NOT_FIT = "SU0511", "tasks that fit on no node",
        "No node (or too few) can take the tasks of this service: constraints, reservations, fixed ports and the limit per node are compared with what the nodes have free.";
}
