//! Image names as docker's clients write them into specs.

/// An image name in parts, normalised: `bb` is `docker.io/library/bb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub domain: String,
    pub path: String,
    pub tag: Option<String>,
    /// `sha256:…`.
    pub digest: Option<String>,
}

const DEFAULT_DOMAIN: &str = "docker.io";
const LIBRARY: &str = "library/";

impl Reference {
    /// `None` where docker would say "invalid reference format".
    pub fn parse(image: &str) -> Option<Self> {
        if image.len() == 64 && image.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return None; // an image id, not a name
        }
        let (rest, digest) = match image.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (image, None),
        };
        let (name, tag) = match rest.rfind(':') {
            Some(at) if !rest[at..].contains('/') => (&rest[..at], Some(&rest[at + 1..])),
            _ => (rest, None),
        };
        let (domain, path) = match name.split_once('/') {
            Some((first, path))
                if first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase) =>
            {
                (if first == "index.docker.io" { DEFAULT_DOMAIN } else { first }, path.to_owned())
            }
            _ => (DEFAULT_DOMAIN, name.to_owned()),
        };
        let path = if domain == DEFAULT_DOMAIN && !path.contains('/') { format!("{LIBRARY}{path}") } else { path };
        let good = is_domain(domain)
            && path.split('/').all(is_component)
            && domain.len() + path.len() < 255
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        good.then(|| Self {
            domain: domain.to_owned(),
            path,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The short form: `bb:1`, `reg.example.com:5000/x/y@sha256:…`; `:latest` where neither tag nor digest is given.
    pub fn familiar(&self) -> String {
        let mut name = self.name();
        match (&self.tag, &self.digest) {
            (None, None) => name.push_str(":latest"),
            (tag, digest) => {
                for (mark, part) in [(':', tag), ('@', digest)] {
                    if let Some(part) = part {
                        name.push(mark);
                        name.push_str(part);
                    }
                }
            }
        }
        name
    }

    /// Without tag and digest, short.
    pub fn name(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return format!("{}/{}", self.domain, self.path);
        }
        self.path.strip_prefix(LIBRARY).filter(|rest| !rest.contains('/')).unwrap_or(&self.path).to_owned()
    }
}

/// The name as it stands in a spec; what is no name stays as it is.
pub fn familiar(image: &str) -> String {
    Reference::parse(image).map_or_else(|| image.to_owned(), |r| r.familiar())
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => (host, Some(port)),
        _ => (domain, None),
    };
    if port.is_some_and(|p| p.is_empty() || !p.bytes().all(|b| b.is_ascii_digit())) {
        return false;
    }
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return inner.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// Lower-case words joined by `.`, `_`, `__` or any number of `-`.
fn is_component(part: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if !word(*first) || !word(*last) {
        return false;
    }
    part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|b| b == b'-'))
}

fn is_tag(tag: &str) -> bool {
    (1..=128).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_short_and_tagged() {
        let digest = format!("sha256:{}", "cd".repeat(32));
        for (written, stored) in [
            ("bb", "bb:latest".to_owned()),
            ("bb:1", "bb:1".to_owned()),
            ("docker.io/library/bb", "bb:latest".to_owned()),
            ("index.docker.io/acme/web:2", "acme/web:2".to_owned()),
            ("reg.example.com:5000/x/y", "reg.example.com:5000/x/y:latest".to_owned()),
            ("localhost/x", "localhost/x:latest".to_owned()),
            (&format!("bb@{digest}"), format!("bb@{digest}")),
            (&format!("bb:1@{digest}"), format!("bb:1@{digest}")),
        ] {
            assert_eq!(familiar(written), stored, "{written}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for bad in
            ["", "BB", "a//b", "bb:", "bb:-x", "bb@sha256:12", "-a/b", "a b", "reg:x/y", "a---", &"ab".repeat(32)]
        {
            assert_eq!(Reference::parse(bad), None, "{bad}");
        }
        assert!(Reference::parse("a---b__c.d").is_some());
    }
}
