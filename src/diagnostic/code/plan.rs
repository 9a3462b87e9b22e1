//! SU07xx: what a plan can and cannot do.

use super::codes;

codes! { PLAN:
    NETWORK_DIFFERS = "SU0701", "network differs and cannot be changed in place",
        "Swarm cannot change a network. It must be removed and created again, which stops the services on it: `--recreate-networks` allows that. `docker stack deploy` ignores the difference in silence.";
    NOT_OURS = "SU0702", "name belongs to somebody else",
        "An object of this name exists and does not carry this stack's label. Nothing of another stack is ever adopted, changed or removed. Use it with `external: true`, or choose another name.";
    SHARED_OBJECT = "SU0703", "changed object that another stack uses",
        "The content of a config or secret with a `name:` of its own changed, and a service of another stack uses it. It would need a new version, which that service would not get.";
    CONTENT_UNKNOWN = "SU0704", "content cannot be compared",
        "Swarm never gives back the content of a secret. Without stackup's digest in its label (docker made it, or docker deployed over it) a secret that exists counts as unchanged.";
    IMAGE_UNRESOLVED = "SU0705", "image that no registry resolved",
        "No registry told the digest behind the tag, so the name goes to the nodes as it is written and each may have another image of that name. The plan is marked inexact.";
    STRANDED = "SU0706", "all tasks are replaced so that none is lost",
        "Swarm forgets tasks that wait for a node when their service is written, and forgets a port that changes together with nothing but placement. Replacing all tasks of the service (`ForceUpdate`) is the way around both.";
    DEPENDENCY_CIRCLE = "SU0707", "services wait for each other",
        "`depends_on` and `x-stackup.wave` decide the order of waves. Here they go in a circle, so no service could be first.";
    PORT_SWAP = "SU0708", "ports are exchanged in a circle",
        "An ingress port belongs to one service of the cluster at a time. The service that gives it up must be written before the one that takes it; here each waits for another.";
    EMPTY_STACK = "SU0709", "everything would be removed",
        "The files name no service at all and `--prune` was given: a wrong file or an empty merge would remove the whole stack. `--dangerous-allow-empty` allows it.";
    NO_KEY = "SU0710", "sensitive values are not part of the plan's id",
        "What no output may show stands in a plan as an HMAC under a key of the swarm's own. The first apply that needs the key makes it; until then two plans that differ only in such a value have the same id, and the plan is marked inexact.";
    NO_CREDENTIALS = "SU0714", "credentials that cannot be read",
        "`docker login` left credentials for a registry, and they cannot be read: a helper fails, or config.json is damaged. Services of that registry keep the ones that they have.";
    NOT_RENEWED = "SU0715", "credentials that are not renewed",
        "`--refresh-registry-auth` writes services again that do not change. A write would run a job again, and swarm would forget tasks that wait for a node; such services keep the credentials that they have.";
    RECORD_INCOMPLETE = "SU0713", "something that a release needs is gone",
        "A release keeps the content of configs, and of secrets and sensitive configs only which version it was. When that version was removed from the swarm nobody can bring it back but the file it was made from.";
    RECORD_DAMAGED = "SU0711", "a release record that cannot be read",
        "Releases are kept in the swarm as configs named `stackup.release.*`, large ones in parts. A part is missing, or what is there is not what was written. Nothing that runs depends on it; the next apply writes a new record.";
    OTHER_TOOL = "SU0712", "last deployed by another tool",
        "Every service of the stack was written since the last release, as `docker stack deploy` does. What that release says is then no measure of what somebody changed by hand, so the plan compares the files with what is live and nothing else.";
    UNDEFINED_REFERENCE = "SU0720", "undefined reference",
        "A service names a network, volume, config or secret that no top-level section declares. Docker finds this only after it has created networks; here nothing is written.";
    UNKNOWN_MODE = "SU0722", "a word that swarm does not know",
        "A mode or a policy has a value that swarm does not know. Docker refuses it in the middle of a deployment; here nothing is written.";
    CONTRADICTION = "SU0723", "settings that exclude each other",
        "Two settings of one object cannot both be true, or one does not apply to the other's type. Docker refuses them, or drops one of the two in silence.";
    DUPLICATE_TARGET = "SU0724", "two files at one place",
        "Two configs or secrets of a service would be mounted at the same path. Give one of them another `target`.";
    BAD_EXTENSION = "SU0725", "a setting of `x-stackup` is not what it should be",
        "`x-stackup` holds what is only for stackup: `wave`, `ignore`, `sensitive`. The value given is of another type.";
}
