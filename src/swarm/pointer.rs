//! Paths such as `/environment/LOG_LEVEL`: JSON pointers (RFC 6901), so that keys may hold any character.

use serde_json::Value;

/// What stands at a path that we wrote ourselves: through objects only, and nothing in it is escaped. `Value::pointer` makes
/// two strings of every segment, and a plan of a thousand services follows some hundred thousand paths.
pub trait Members {
    fn member(&self, path: &str) -> Option<&Value>;
    fn member_mut(&mut self, path: &str) -> Option<&mut Value>;
}

impl Members for Value {
    fn member(&self, path: &str) -> Option<&Value> {
        path.split('/').skip(1).try_fold(self, |value, key| value.as_object()?.get(key))
    }

    fn member_mut(&mut self, path: &str) -> Option<&mut Value> {
        path.split('/').skip(1).try_fold(self, |value, key| value.as_object_mut()?.get_mut(key))
    }
}

/// Looks for members of one value, path after path. Paths that stand beside each other share the way to them.
pub struct Finder<'v, 'p> {
    value: &'v Value,
    parent: &'p str,
    at: Option<&'v Value>,
}

impl<'v, 'p> Finder<'v, 'p> {
    pub fn new(value: &'v Value) -> Self {
        Self { value, parent: "", at: Some(value) }
    }

    /// As [`Members::member`].
    pub fn member(&mut self, path: &'p str) -> Option<&'v Value> {
        let Some((parent, key)) = path.rsplit_once('/') else { return Some(self.value) };
        if parent != self.parent {
            (self.parent, self.at) = (parent, self.value.member(parent));
        }
        self.at?.as_object()?.get(key)
    }
}

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
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_found_as_by_a_json_pointer() {
        let mut value = json!({"a": {"b": {"": 1}, "c": [1]}, "d": null});
        let other = value.clone();
        let mut finder = Finder::new(&other);
        for path in ["", "/a", "/a/b", "/a/b/", "/a/c", "/d", "/d/e", "/x", "/a/x/y", "/a/x/z", "/a/b//z", "/a/b"] {
            assert_eq!(value.member(path), value.pointer(path), "{path}");
            assert_eq!(finder.member(path), value.pointer(path), "{path}");
            assert_eq!(value.clone().member_mut(path), value.pointer_mut(path), "{path}");
        }
    }

    #[test]
    fn keys_survive() {
        let path = join(&join("", "labels"), "a/b~1");
        assert_eq!(path, "/labels/a~1b~01");
        assert_eq!(segments(&path).collect::<Vec<_>>(), ["labels", "a/b~1"]);
    }
}
