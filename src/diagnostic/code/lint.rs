//! SU04xx: what swarm takes, and experience advises against. Always warnings.

use super::codes;

codes! { LINT:
    NO_HEALTHCHECK = "SU0401", "no health check",
        "Without a `healthcheck` (here or in the image) a task counts as healthy as soon as its process runs, so a rolling update replaces good tasks by ones that cannot serve yet. Say how to ask: `test`, `interval`, `start_period`. `healthcheck: {disable: true}` says that there is none on purpose.";
    FLOATING_TAG = "SU0402", "image that changes under its name",
        "`latest`, or no tag at all, is another image tomorrow: nodes may run different ones, and a rollback brings nothing back. Name a version, or a digest.";
    RELATIVE_BIND = "SU0403", "bind mount of a relative path",
        "The path is taken from the folder of the Compose file on the machine that deploys, and must exist on every node that may run a task. Use a config or a volume, name the absolute path on the nodes, or pin the service to one node with a constraint.";
    MOVING_VOLUME = "SU0404", "local volume of a service that can move",
        "A volume of the driver `local` is a folder of one node. When swarm starts the task on another node it finds an empty volume there. Pin the service with a constraint, or use a driver whose volumes are reached from every node.";
    START_FIRST_HOST_PORT = "SU0405", "start-first with a port of the node",
        "With `order: start-first` the new task runs beside the old one, and a port with `mode: host` belongs to one task of a node. Where no other node is free the update waits for ever.";
    LIMIT_BELOW_RESERVATION = "SU0406", "limit below the reservation",
        "A task may never use more than its limit, so what is reserved beyond it is lost to the whole node. The engine refuses such a container when the task starts.";
    SECRET_IN_ENVIRONMENT = "SU0407", "secret in the environment",
        "A value in `environment` can be read by everybody who may inspect the service, and stands in the file for everybody who reads that. Put it into a `secret` and let the program read /run/secrets/NAME; many images take a variable that ends in `_FILE`.";
    UNCHECKED_DEPENDENCY = "SU0408", "waits for a health that nobody checks",
        "`condition: service_healthy` waits until the other service is healthy. Without a `healthcheck` there, that is as soon as its process runs.";
    NO_FAILURE_ACTION = "SU0409", "no failure_action",
        "When new tasks fail, swarm pauses the update and leaves the service half old, half new, until somebody comes. `failure_action: rollback` brings the old version back; `pause` says that the pause is meant.";
    RELATIVE_TARGET = "SU0410", "mount at a relative path",
        "Swarm takes such a service, and every node then refuses its tasks (`invalid mount target, must be an absolute path`), again and again. Write where the mount goes from the root of the container, with a slash in front.";
    UNKNOWN_ALLOW = "SU0498", "allows what does not exist",
        "A comment `# stackup: allow(CODE)` names a code that there is none of. Codes are listed by `stackup explain codes`.";
    IDLE_ALLOW = "SU0499", "allows what is not there",
        "A comment `# stackup: allow(CODE)` silences warnings of its own line and of the line below it. Here there is none of that code, so the comment can go, or belongs elsewhere. Errors cannot be allowed.";
}
