//! SU10xx: stackup.yaml, what `watch` follows.

use super::codes;

codes! { SETTINGS:
    SETTINGS_KEY = "SU1001", "unknown key in stackup.yaml",
        "There is no such key at this place. `stackup schema config` lists them all, for an editor too.";
    SETTINGS_KIND = "SU1002", "value of another kind in stackup.yaml",
        "The place takes another kind of value: a list where there is a text, a mapping where there is nothing. Often the indentation is the cause.";
    SETTINGS_MISSING = "SU1003", "key missing in stackup.yaml",
        "The mapping means nothing without this key.";
    SETTINGS_VALUE = "SU1004", "value that stackup.yaml cannot have",
        "The place takes a length of time, an address, a window of hours, or one of a few words.";
    SETTINGS_SOURCE = "SU1005", "stack or source that does not fit",
        "Each stack names one of `sources`, and no two stacks have one name in the swarm.";
    SETTINGS_PATH = "SU1006", "path that leaves its source",
        "A file of a repository may read files of that repository only, so that nobody who may push to it can read this machine.";
    SETTINGS_OPEN = "SU1007", "open to everybody",
        "What listens on more than a loopback address needs a token, and passwords belong into files of their own.";
    SETTINGS_IDLE = "SU1008", "setting without effect",
        "Something is set up that nothing uses.";
    UNFIT_SYSTEM = "SU1009", "not on this system",
        "What works without a person reads what strangers may write, holds keys and starts other programs. `watch` and the action need a system that keeps all of that apart, and Windows does not, or not in a way that stackup uses. The commands that people type work there (docs/windows.md).";
}
