//! SU11xx: following sources.

use super::codes;

codes! { WATCH:
    SOURCE_FAILED = "SU1101", "source cannot be followed",
        "The folder or repository could not be read. What is deployed of it stays as it is, other sources go on, and it is tried again, less and less often.";
    SOURCE_UNSIGNED = "SU1102", "commit without a good signature",
        "The source takes only commits that somebody of its signers signed (`verify:`). Nothing of this commit was read or deployed. A merge that a forge made is signed by the forge's own key.";
    SOURCE_MOUNT = "SU1103", "mount of a folder of a repository",
        "A relative path of a bind mount means a folder beside the Compose file. That folder is in a repository, and nodes have no copy of it: make it a config, a secret or a volume, or mount an absolute path that every node has.";
    STACK_AMBIGUOUS = "SU1104", "two files for one stack",
        "Two Compose files lead to stacks of one name. Neither is deployed, for the one would undo the other.";
    STACK_ORDER = "SU1106", "stacks that wait for each other",
        "`after:` leads in a circle, or to a stack that nothing follows, so that none of them would ever be deployed.";
    SEALED = "SU1107", "encrypted file that cannot be opened",
        "The file is encrypted, with age or by SOPS, and there is no key for it, or it is for others, or it was changed by somebody without a key. It is opened in memory only, with the private key of age that SOPS_AGE_KEY_FILE or SOPS_AGE_KEY gives, or for `watch` `secrets: {age_key_file: FILE}` of stackup.yaml. No task ever gets it as it is.";
}
