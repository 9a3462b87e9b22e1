//! SU01xx: reading files and YAML.

use super::codes;

codes! { READING:
    FILE_UNREADABLE = "SU0101", "file cannot be read",
        "The file does not exist, is a folder, or may not be read by this user. Every file is read before anything is written to the swarm.";
}
