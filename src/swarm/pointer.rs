//! Paths such as `/environment/LOG_LEVEL`: JSON pointers (RFC 6901), so that keys may hold any character.

/// `path` with one more segment: `join("/labels", "a/b")` is `/labels/a~1b`.
pub fn join(path: &str, key: &str) -> String {
    let mut joined = String::with_capacity(path.len() + key.len() + 1);
    joined.push_str(path);
    joined.push('/');
    for c in key.chars() {
        match c {
            '~' => joined.push_str("~0"),
            '/' => joined.push_str("~1"),
            c => joined.push(c),
        }
    }
    joined
}

/// The segments of a path as they were before [`join`].
pub fn segments(path: &str) -> impl Iterator<Item = String> + '_ {
    path.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive() {
        let path = join(&join("", "labels"), "a/b~1");
        assert_eq!(path, "/labels/a~1b~01");
        assert_eq!(segments(&path).collect::<Vec<_>>(), ["labels", "a/b~1"]);
    }
}
