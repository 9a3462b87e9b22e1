//! SU05xx: checks against the live swarm, before the first write.

use super::codes;

codes! { PREFLIGHT:
    DOES_NOT_FIT = "SU0511", "tasks that fit on no node",
        "No node (or too few) can take the tasks of this service: constraints, reservations, fixed ports and the limit per node are compared with what the nodes have free.";
    EXTERNAL_MISSING = "SU0501", "external object is missing",
        "The files name a network, config or secret as external: somebody else makes it. It must exist before anything is written, and a network must have the scope swarm.";
    PORT_TAKEN = "SU0502", "port is taken",
        "A port published in mode ingress belongs to one service of the whole cluster. Swarm refuses a second one in the middle of a deployment.";
    BAD_CONSTRAINT = "SU0503", "constraint that swarm cannot read",
        "A constraint is `KEY == VALUE` or `KEY != VALUE`. Swarm refuses anything else with an internal error, in the middle of a deployment.";
    UNFIT_SIZE = "SU0504", "content too large, or empty",
        "A config holds more than 0 and fewer than 1,024,000 bytes, a secret more than 0 and fewer than 512,000.";
    UNFIT_NAME = "SU0505", "name that swarm does not take",
        "Configs and secrets have names of up to 64 letters, digits, `-`, `_` and `.`; services up to 63, without `.`. They start and end with a letter or digit. A name is the stack's name, `_`, and the key.";
    FIELD_TOO_NEW = "SU0506", "field that this engine does not know",
        "A field came with a later version of the Engine API than this engine speaks. The engine would drop it without an error, so the plan does not promise it.";
    DRIVER_MISSING = "SU0508", "plugin is missing",
        "A secret with a `driver` comes from a plugin of the managers. Swarm refuses the secret when it finds no such plugin, in the middle of a deployment. A plugin of the old kind, which no node lists, may be there all the same: `--skip-preflight SU0508` goes on.";
    START_FIRST_STUCK = "SU0512", "start-first that cannot go on",
        "With `order: start-first` a new task runs beside the old one before that stops. Where it fits on no node (a fixed port, a limit per node that is reached, reservations) the rollout waits for ever, and swarm never calls it failed.";
    NO_SUCH_IMAGE = "SU0514", "image that is nowhere",
        "The registry says that it has no such image, the engine that was asked has none of that name either, and no service runs it. So no task could start. An image that was loaded by hand on other nodes is there all the same: `--skip-preflight SU0514` goes on.";
    SPREAD_HANGS = "SU0513", "spread preference that hangs the scheduler",
        "Before engine 28.3 swarm's leader looks for ever for a branch that is below its share, when one branch has more tasks than its share and the others are full. From then on no task of the whole cluster is placed, until another manager leads.";
}
