//! SU07xx: what a plan can and cannot do.

use super::codes;

codes! { PLAN:
    NETWORK_DIFFERS = "SU0701", "network differs and cannot be changed in place",
        "Swarm cannot change a network. It must be removed and created again, which stops the services on it: `--recreate-networks` allows that. `docker stack deploy` ignores the difference in silence.";
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
