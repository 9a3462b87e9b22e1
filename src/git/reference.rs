//! Which commit of a repository is meant, and what a remote has of it.

use semver::{Version, VersionReq};

use super::GitError;

/// What is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Whatever the remote calls its own.
    Default,
    /// A branch or, where there is none of that name, a tag.
    Name(String),
    /// `refs/…`, exactly.
    Full(String),
    /// 40 hex digits: never moves.
    Commit(String),
    /// The highest tag of the range, with or without a `v` before it.
    Range(VersionReq),
}

/// One line of `ls-remote`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// `HEAD`, `refs/heads/main`; of an annotated tag once more with `^{}`.
    pub name: String,
    pub id: String,
}

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// `refs/heads/main`, `refs/tags/v1`, `HEAD`.
    pub name: String,
    /// Of the commit, or of the tag that leads to it.
    pub id: String,
}

impl Reference {
    /// From `ref:`.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        if is_id(text) {
            return Ok(Self::Commit(text.to_ascii_lowercase()));
        }
        let full = match text.strip_prefix("refs/") {
            Some(_) => text.to_owned(),
            None => format!("refs/heads/{text}"),
        };
        if !git2::Reference::is_valid_name(&full) || text.starts_with('-') {
            return Err(GitError::Address(format!("`{}` is no name of a branch or tag", text.escape_debug())));
        }
        Ok(if text.starts_with("refs/") { Self::Full(full) } else { Self::Name(text.to_owned()) })
    }

    /// From `semver:`.
    pub fn range(text: &str) -> Result<Self, GitError> {
        let range = VersionReq::parse(text);
        range.map(Self::Range).map_err(|why| GitError::Address(format!("`{}` is no range: {why}", text.escape_debug())))
    }

    /// What to ask `ls-remote` for.
    pub(super) fn patterns(&self) -> Vec<String> {
        match self {
            Self::Default => vec!["HEAD".into()],
            Self::Name(name) => vec![format!("refs/heads/{name}"), format!("refs/tags/{name}")],
            Self::Full(name) => vec![name.clone()],
            Self::Commit(_) => Vec::new(),
            Self::Range(_) => vec!["refs/tags/*".into()],
        }
    }

    /// What it is called at the remote, most likely.
    pub(super) fn usual(&self) -> Option<String> {
        match self {
            Self::Default => Some("HEAD".into()),
            Self::Name(name) => Some(format!("refs/heads/{name}")),
            Self::Full(name) => Some(name.clone()),
            Self::Commit(_) | Self::Range(_) => None,
        }
    }

    /// Picks from what the remote has.
    pub(super) fn choose(&self, there: &[Advertised]) -> Result<Chosen, GitError> {
        let exactly = |name: &str| {
            there.iter().find(|a| a.name == name).map(|a| Chosen { name: a.name.clone(), id: a.id.clone() })
        };
        match self {
            Self::Default => exactly("HEAD").ok_or_else(|| GitError::NoReference("commit yet".into())),
            Self::Name(name) => exactly(&format!("refs/heads/{name}"))
                .or_else(|| exactly(&format!("refs/tags/{name}")))
                .ok_or_else(|| GitError::NoReference(format!("branch or tag `{name}`"))),
            Self::Full(name) => exactly(name).ok_or_else(|| GitError::NoReference(format!("`{name}`"))),
            Self::Commit(id) => Ok(Chosen { name: id.clone(), id: id.clone() }),
            Self::Range(range) => {
                let tags = there.iter().filter_map(|a| Some((version(a.name.strip_prefix("refs/tags/")?)?, a)));
                let fitting = tags.filter(|(version, _)| range.matches(version));
                // Build metadata orders nothing; the name does, so that the choice never depends on the remote's order.
                let highest = fitting.max_by(|(a, x), (b, y)| a.cmp_precedence(b).then_with(|| x.name.cmp(&y.name)));
                highest
                    .map(|(_, a)| Chosen { name: a.name.clone(), id: a.id.clone() })
                    .ok_or_else(|| GitError::NoReference(format!("tag in the range `{range}`")))
            }
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("HEAD"),
            Self::Name(name) | Self::Full(name) | Self::Commit(name) => f.write_str(name),
            Self::Range(range) => write!(f, "{range}"),
        }
    }
}

/// `1.2.3`, `v1.2.3`; the peeled line of an annotated tag is none.
fn version(tag: &str) -> Option<Version> {
    Version::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()
}

/// 40 hex digits.
pub fn is_id(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The output of `ls-remote`. Lines that make no sense are left out.
pub(super) fn advertised(output: &str) -> Vec<Advertised> {
    let line = |line: &str| {
        let (id, name) = line.split_once('\t')?;
        is_id(id).then(|| Advertised { name: name.to_owned(), id: id.to_ascii_lowercase() })
    };
    output.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn there() -> Vec<Advertised> {
        let names = ["HEAD", "refs/heads/main", "refs/heads/x/refs/heads/main", "refs/tags/main", "refs/tags/v1.2.0"];
        let more = [
            "refs/tags/1.10.0",
            "refs/tags/v1.10.0^{}",
            "refs/tags/v2.0.0-rc.1",
            "refs/tags/v2.0.0",
            "refs/tags/nightly",
        ];
        let output: String = names.iter().chain(&more).map(|name| format!("{A}\t{name}\n")).collect();
        advertised(&format!("{output}nonsense\n{B}\trefs/tags/only\n"))
    }

    #[test]
    fn a_branch_comes_before_a_tag_and_a_range_takes_its_highest() {
        let chosen = |reference: Reference| reference.choose(&there()).map(|c| c.name);
        let named = |name: &str| chosen(Reference::parse(name).unwrap());
        let range = |range: &str| chosen(Reference::range(range).unwrap());
        assert_eq!(named("main").unwrap(), "refs/heads/main");
        assert_eq!(named("only").unwrap(), "refs/tags/only");
        assert_eq!(named("refs/tags/main").unwrap(), "refs/tags/main");
        assert_eq!(chosen(Reference::Default).unwrap(), "HEAD");
        assert_eq!(range("^1").unwrap(), "refs/tags/1.10.0");
        assert_eq!(range(">=1, <2").unwrap(), "refs/tags/1.10.0");
        assert_eq!(range("*").unwrap(), "refs/tags/v2.0.0");
        assert_eq!(range(">=2.0.0-rc.1, <2.0.0").unwrap(), "refs/tags/v2.0.0-rc.1");
        for gone in [named("gone"), range("^3"), Reference::Default.choose(&[]).map(|c| c.name)] {
            assert!(matches!(gone, Err(GitError::NoReference(_))), "{gone:?}");
        }
    }

    #[test]
    fn names_that_git_would_not_take_are_refused() {
        for text in [
            "-foo",
            "a..b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "x.lock",
            "",
            "/x",
            "x/",
            "a\nb",
            "refs/heads/a..b",
            "--upload-pack=x",
        ] {
            assert!(Reference::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Reference::parse(A).unwrap(), Reference::Commit(A.into()));
        assert_eq!(Reference::parse("feature/x").unwrap(), Reference::Name("feature/x".into()));
        assert!(Reference::range("main").is_err());
    }
}
