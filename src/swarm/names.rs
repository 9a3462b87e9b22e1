//! Names and labels that make objects belong to a stack.

/// Carried by everything a stack owns; its value is the stack's name.
pub const NAMESPACE_LABEL: &str = "com.docker.stack.namespace";

/// Carried by services: the image as the file wrote it.
pub const IMAGE_LABEL: &str = "com.docker.stack.image";

/// The swarm name of a Compose key: `<stack>_<key>`.
pub fn scoped(stack: &str, key: &str) -> String {
    format!("{stack}_{key}")
}

/// The Compose key of a swarm name; another name stays as it is.
pub fn unscoped<'a>(stack: &str, name: &'a str) -> &'a str {
    name.strip_prefix(stack).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
}

/// Enough of an id to tell one from another.
pub fn short_id(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// A network that every engine has under this name.
pub fn is_predefined(network: &str) -> bool {
    matches!(network, "host" | "bridge" | "none")
}
