//! SU06xx: talking to the engine.

use super::codes;

codes! { ENGINE:
    NO_ENGINE = "SU0601", "no engine answers",
        "Nothing answers at the address of the engine. `docker context ls` shows the addresses that docker knows; `-H`, `--context`, DOCKER_HOST and DOCKER_CONTEXT choose one.";
    ENGINE_PERMISSION = "SU0602", "the engine's socket may not be opened",
        "The engine runs, and this user may not speak to it. Its socket belongs to the group `docker`: members of that group, and root, may open it. Whoever may, is as powerful as root on that machine.";
    ENGINE_ADDRESS = "SU0603", "the engine's address makes no sense",
        "The address, the docker context or the certificates that were named cannot be used. As with docker, the first of these that is given counts: `-H`, `--context`, DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of config.json, and else unix:///var/run/docker.sock, or npipe:////./pipe/docker_engine on Windows.";
    ENGINE_TLS = "SU0604", "no TLS session with the engine",
        "The engine was reached, and the two sides did not agree on a TLS session: a certificate that is not signed by the CA, is out of date or is made out to another name, no client certificate where one is asked for, or a side that speaks no TLS.";
    ENGINE_SSH = "SU0605", "ssh to the engine failed",
        "ssh:// addresses start the program `ssh`, with its own configuration, keys and agent, and run `docker system dial-stdio` at the other end. ssh is not asked to prompt: a key or an agent must do, and the host must be known already.";
    ENGINE_VERSION = "SU0606", "no common API version",
        "stackup speaks the Engine API from 1.41 (Docker 20.10) on, and takes the newest version that both sides know. DOCKER_API_VERSION asks for a certain one.";
    NOT_A_MANAGER = "SU0607", "this node is not a swarm manager",
        "The node is a worker of a swarm. Workers know nothing of services: only managers can answer. Speak to a manager, or let a manager promote this node.";
    NOT_IN_A_SWARM = "SU0608", "this node is not in a swarm",
        "The engine runs without swarm mode. `docker swarm init` makes it the first manager of a new swarm, on one node too; `docker swarm join` makes it a node of another.";
    SWARM_LOCKED = "SU0609", "the swarm is locked",
        "This manager was restarted in a swarm with autolock, and waits for the key that decrypts its state: `docker swarm unlock`. `docker swarm unlock-key` on another manager shows the key.";
    SWARM_NOT_READY = "SU0610", "the swarm cannot answer now",
        "The node is joining, its swarm reports an error, or too few managers are up to elect a leader. Without a leader nothing can be read or written; the tasks that run go on running.";
    ENGINE_REFUSED = "SU0611", "the engine refused",
        "The engine was asked and answered no. Its own words are in the message.";
    OUT_OF_SEQUENCE = "SU0612", "somebody changed the object meanwhile",
        "Each write names the version that it was made for, and the engine refuses it when somebody else has written since. Nothing of theirs is overwritten: plan again to see what it looks like now.";
    ENGINE_LOST = "SU0613", "the engine stopped answering",
        "The connection broke in the middle of an answer, or the engine stayed silent for longer than it may. What was sent before that may or may not have been done: `stackup plan` shows what is live.";
    ENGINE_NONSENSE = "SU0614", "an answer that makes no sense",
        "Something answered that is no Docker engine, or an engine that breaks its own API: a proxy, a web server on the same port, or a plain address for a port with TLS.";
    UNREADABLE_OBJECT = "SU0615", "an object in the swarm that cannot be read",
        "The engine listed an object that lacks what every such object has. It is named and left alone; everything else is handled as usual.";
    LOCAL_TROUBLE = "SU0616", "something needed on this side does not work",
        "A credential helper of docker's config.json, or a value given on the command line, is of no use. No request was sent.";
}
