//! SU02xx: what a Compose file says.

use super::codes;

codes! { COMPOSE:
    UNKNOWN_KEY = "SU0201", "unknown key",
        "The Compose file format has no such key at this place. A key that nothing reads would be ignored in silence, so it is refused. Extension keys start with `x-`.";
    KEY_TOO_NEW = "SU0202", "key is newer than the file's version",
        "The file says with `version` which keys it may use, and this one came later. Raise the version, or leave `version` out: then every key of 3.0 to 3.13 is known.";
    WRONG_TYPE = "SU0203", "value of another kind",
        "The place takes another kind of value: a list where there is a text, a mapping where there is nothing. Often the indentation is the cause.";
    FORBIDDEN_KEY = "SU0204", "key that cannot be used with swarm",
        "Swarm has no such thing, and leaving it out in silence would change what the file means; the message names what to write instead.";
    UNSUPPORTED_KEY = "SU0205", "key that swarm has no equivalent for",
        "The key is good for single containers, but swarm has no such setting, so it is ignored. The service runs without it: make sure that this is what you want, or do as the message says.";
    IGNORED_KEY = "SU0206", "key without effect",
        "The key changes nothing with swarm. It may stay, or go.";
    DEPRECATED = "SU0207", "older form",
        "The form still works, and a newer one says the same more simply.";
    BAD_VERSION = "SU0208", "no such version for swarm",
        "Swarm reads Compose files of version 3.0 to 3.13. Without `version` a file is read as 3.13. Files of version 2 are for single engines: several of their keys moved beneath `deploy`.";
    VERSION_MISMATCH = "SU0209", "files of several versions",
        "Files that are merged must be of one version, for each version has its own keys. Docker refuses them too.";
    BAD_NAME = "SU0210", "not a name",
        "Names of services, volumes, secrets and configs are letters, digits, dots, underscores and dashes: they become part of names in the swarm and of host names.";
    NO_IMAGE = "SU0211", "service without an image",
        "Swarm starts tasks from images that its nodes can pull; it builds none.";
    BAD_IMAGE = "SU0212", "not an image reference",
        "A reference is `[registry[:port]/]name[:tag][@digest]`. Names are lower case; a tag is up to 128 letters, digits, dots, underscores and dashes.";
    BAD_DURATION = "SU0213", "not a duration",
        "Durations are numbers with a unit, such as `500ms`, `10s`, `1m30s`, `24h`. There are no days, and a number alone has no meaning.";
    BAD_SIZE = "SU0214", "not a size",
        "Sizes are numbers with b, k, m, g, t or p, such as `50M` or `1.5g`. All are powers of 1024.";
    BAD_CPUS = "SU0215", "not a number of CPUs",
        "A number such as \"0.5\" or \"2\", exact to a billionth.";
    BAD_NUMBER = "SU0216", "not a number",
        "The place takes a number. If a variable gives it, the variable may be empty: `${NAME:-1}` has a default.";
    BAD_BOOL = "SU0217", "neither true nor false",
        "The place takes true or false. A variable may also give yes, no, on, off, y or n.";
    BAD_PORT = "SU0218", "not a port",
        "Ports are `[address:][published:]target[/protocol]`, each a number or a range, or a mapping with `target`, `published`, `protocol` (tcp, udp, sctp) and `mode` (ingress, host). Quote them: YAML may take digits and colons for something else.";
    BAD_MOUNT = "SU0219", "not a volume",
        "Volumes are `[source:]target[:options]` or a mapping with `type`, `source` and `target`. A source that starts with `.`, `/` or `~` is a folder of the node; any other is the name of a volume.";
    BAD_HOST = "SU0220", "not a host with an address",
        "`extra_hosts` takes `NAME:ADDRESS` or `NAME=ADDRESS`, or a mapping of names to addresses.";
    BAD_COMMAND = "SU0221", "command that cannot be split",
        "A command that is one text is split into words as a shell does it. Its quotes must be closed.";
    BAD_ENV_FILE = "SU0222", "line of an env_file that is none",
        "An env_file has lines `NAME=value`, comments that start with `#`, and empty lines. Values are taken as they are: quotes stay, nothing is expanded.";
    UNDECLARED_NETWORK = "SU0223", "network that is not declared",
        "Networks are declared under top-level `networks`, somebody else's with `external: true`. Docker creates it first and fails then; here nothing is written.";
    UNDECLARED_VOLUME = "SU0224", "volume that is not declared",
        "Named volumes are declared under top-level `volumes`. If a folder is meant, begin it with `./` or `/`.";
    UNDECLARED_SECRET = "SU0225", "secret that is not declared",
        "Secrets are declared under top-level `secrets`, those that exist already with `external: true`.";
    UNDECLARED_CONFIG = "SU0226", "config that is not declared",
        "Configs are declared under top-level `configs`, those that exist already with `external: true`.";
    UNKNOWN_DEPENDENCY = "SU0227", "depends on an unknown service",
        "`depends_on` orders the rollout, so what it names must be there. With `required: false` it may be missing.";
    DEPENDENCY_CYCLE = "SU0228", "services wait for each other",
        "`depends_on` runs in a circle, so none of these services could be first.";
    CONFLICT = "SU0229", "settings that exclude each other",
        "Both cannot hold at once, and which of them is meant only you can say.";
    DUPLICATE_ENTRY = "SU0230", "listed twice",
        "The list holds each entry once.";
    INCLUDE = "SU0231", "include cannot be done",
        "`include` adds the objects of another file. Names must not clash, and files must not include each other. To override, name the files with `-c` one after the other.";
    EXTENDS = "SU0232", "extends cannot be done",
        "`extends` begins a service as a copy of another, of this file or a file that it names. It must exist and must not lead back.";
    MISSING_KEY = "SU0233", "key that is missing",
        "The mapping means nothing without this key.";
    NO_CONTENT = "SU0234", "config or secret without content",
        "The content comes from `file`, `environment` or (configs) `content`; a secret may have a `driver`; an object with `external: true` exists already.";
    HOST_IP = "SU0235", "address of a port is ignored",
        "Swarm publishes a port on all addresses of a node (ingress: of every node). A port for one address only needs a firewall. Docker ignores the address too.";
    BAD_WORD = "SU0236", "word that is not known here",
        "The place takes one of a few words.";
    NO_HOME = "SU0237", "no home folder",
        "`~` in a bind mount stands for the home folder of the person who deploys, from HOME.";
    NO_SERVICES = "SU0238", "no services",
        "A stack is made of services; without one there is nothing to deploy.";
    BAD_HEALTH_TEST = "SU0239", "not a health test",
        "A list starts with CMD (run the program), CMD-SHELL (run the text with the shell) or NONE; a text alone is run with the shell.";
    IGNORED_OPTION = "SU0240", "option that is ignored",
        "The option is not known or has no meaning to swarm.";
    DECIMAL_MODE = "SU0241", "file mode from a variable",
        "In a file `0440` is octal. From a variable docker reads the same digits as a decimal number, so the bits are others.";
    INACTIVE_DEPENDENCY = "SU0242", "dependency of an inactive profile",
        "The service is left out, for none of its profiles is in COMPOSE_PROFILES; its dependents do not wait for it.";
    LOCAL_NETWORK = "SU0244", "network of one node",
        "Services of a swarm join networks that reach every node: driver `overlay`, or a plugin's. Networks of the drivers bridge, macvlan, ipvlan, host and none are of one node; docker creates them, and fails at the first service.";
    TOO_LITTLE = "SU0245", "less than swarm takes",
        "Swarm takes no memory below 4 MiB, no CPUs below 0.001 and no time of a health check below 1 ms; 0 is none.";
    NO_FILES = "SU0243", "no Compose file",
        "Name one with `-c FILE`. Without it compose.yaml, compose.yml, docker-compose.yml and docker-stack.yml of this folder are tried.";
}
