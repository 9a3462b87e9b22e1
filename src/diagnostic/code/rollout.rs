//! SU09xx: what happened while applying.

use super::codes;

codes! { ROLLOUT:
    PLAN_STALE = "SU0901", "the plan no longer fits what is live",
        "Between plan and apply somebody changed, removed or created an object that the plan relies on. A plan is carried out as it was shown or not at all; plan again to see the new one.";
    TASKS_EXIT = "SU0902", "new tasks exit right after start",
        "Tasks of the new version started and ended before they had run for the `monitor` time. Their exit codes and last log lines are printed with the error.";
    IMAGE_NOT_FOUND = "SU0903", "no node gets the image",
        "Every node that tried to start a task neither had the image nor could pull it. Check the name and tag, and that the nodes may pull it: `--with-registry-auth` sends your credentials along.";
    UNSCHEDULABLE = "SU0904", "tasks fit on no node",
        "Swarm found no node for new tasks and goes on looking; to swarm that is no failure. Constraints, reservations, fixed ports and the limit per node decide.";
    STILL_GOING = "SU0905", "a deadline passed while the rollout goes on",
        "No task turned healthy for the `--progress-deadline`, or the `--timeout` for all of it passed. Nothing was undone: swarm goes on by itself.";
    MEDDLED = "SU0906", "somebody else changed the service during the rollout",
        "The spec that is live is neither the planned one nor one that swarm put back. Two people or tools deploy the same stack at once.";
    WRITE_REFUSED = "SU0907", "the engine refused a write",
        "The engine's own words say why. What was written before stays; the list of what is live now says what that is.";
    ENGINE_WENT_AWAY = "SU0908", "the engine stopped answering in the middle",
        "What was written stays written, and swarm goes on with it. Where an answer never came, nobody knows; `stackup plan` shows it as soon as an engine answers.";
    LEASE_LOST = "SU0910", "the lease of the stack was lost in the middle",
        "One apply at a time writes to a stack, and shows every 15 seconds that it still works. This one could not, or somebody broke its lock. It starts no further write, for another may be writing by now; swarm goes on with what was written.";
    LOCKED = "SU0911", "somebody holds the lock of the stack",
        "Another apply writes to the stack, or a person locked it. `stackup lock status STACK` says who and since when; `--lock-timeout 5m` waits for an apply; `stackup lock break STACK` takes the lock away from whoever has it.";
    NOT_RECORDED = "SU0912", "the release could not be recorded",
        "What was applied is live, and the record that `history`, `rollback` and `drift` go by could not be written. Nothing that runs depends on it. `stackup adopt STACK` records what is live.";
    NO_WAY_BACK = "SU0915", "the stack could not be put back",
        "A rollout failed, and `--on-failure rollback-stack` could not put back everything that it had changed. The list of what is live now says what is where; `stackup rollback` tries again from the recorded release.";
    UNHEALTHY = "SU0913", "new tasks do not turn healthy",
        "The health check of the new tasks did not succeed, so swarm ended them. What the check printed and the tasks' last log lines are printed with the error, where they can be had. A check that needs longer wants a `start_period`.";
    CANNOT_START = "SU0914", "the program of new tasks cannot be started",
        "A container was made, and its program is not there, may not be run, or is for another machine. Swarm's words say which.";
    ROLLOUT_FAILED = "SU0909", "a rollout failed",
        "The planned version did not come to run as it should. The failed tasks, their exit codes, swarm's words and their last log lines are printed with the error.";
}
