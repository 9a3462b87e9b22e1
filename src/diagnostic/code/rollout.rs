//! SU09xx: what happened while applying.

use super::codes;

codes! { ROLLOUT:
    TASKS_EXIT = "SU0902", "new tasks exit right after start",
        "Tasks of the new version started and ended before they had run for the `monitor` time. Their exit codes and last log lines are printed with the error.";
}
