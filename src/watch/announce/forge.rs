//! A commit status at a forge: where it is posted, and in which words.

use http::{HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::news::{News, State};
use crate::git::{Address, Transport};

/// Everything else of a path is written in digits.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Github,
    Gitlab,
    Gitea,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github_status",
            Self::Gitlab => "gitlab_status",
            Self::Gitea => "gitea_status",
        }
    }

    /// Where a status of this commit goes. Words where the source has no repository at a forge.
    pub fn url(self, api: Option<&str>, address: &Address, commit: &str) -> Result<String, String> {
        let path = repository(self, address)?;
        let base = self.api(api, address)?;
        Ok(match self {
            Self::Github | Self::Gitea => format!("{base}/repos/{path}/statuses/{commit}"),
            Self::Gitlab => format!("{base}/projects/{path}/statuses/{commit}"),
        })
    }

    /// The address that every path of the API begins with: as given, or of the source's host.
    pub fn api(self, given: Option<&str>, address: &Address) -> Result<String, String> {
        match given {
            Some(api) => Ok(api.trim_end_matches('/').to_owned()),
            None => {
                let why = "the source is on this machine: say where the API is with `api:`";
                self.base(address).ok_or_else(|| why.to_owned())
            }
        }
    }

    /// By the source's own host. The port of ssh is none of the API's.
    fn base(self, address: &Address) -> Option<String> {
        let host = address.host()?;
        let bare = host.rsplit_once(':').filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()));
        let (scheme, host) = match address.transport() {
            Transport::Http => ("http", host),
            Transport::Https => ("https", host),
            Transport::Ssh => ("https", bare.map_or(host, |(host, _)| host)),
            Transport::File => return None,
        };
        Some(match self {
            Self::Github if matches!(host, "github.com" | "ssh.github.com") => "https://api.github.com".to_owned(),
            Self::Github => format!("{scheme}://{host}/api/v3"),
            Self::Gitlab => format!("{scheme}://{host}/api/v4"),
            Self::Gitea => format!("{scheme}://{host}/api/v1"),
        })
    }

    /// The same for every post.
    pub fn headers(self, token: &SecretString) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
        let (name, value) = match self {
            Self::Github => ("authorization", format!("Bearer {}", token.expose_secret())),
            Self::Gitlab => ("private-token", token.expose_secret().to_owned()),
            Self::Gitea => ("authorization", format!("token {}", token.expose_secret())),
        };
        let mut secret = HeaderValue::try_from(value).map_err(|_| "the token has a character that no header takes")?;
        secret.set_sensitive(true);
        let mut all = vec![(HeaderName::from_static(name), secret)];
        if self == Self::Github {
            all.push((http::header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")));
            all.push((HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28")));
        }
        Ok(all)
    }

    /// What is posted.
    pub fn body(self, context: &str, news: &News, state: State, page: Option<&str>) -> Value {
        let (word, longest) = match (self, state) {
            (Self::Github | Self::Gitea, State::Pending | State::Running) => ("pending", 140),
            (Self::Github | Self::Gitea, State::Failure) => ("failure", 140),
            (Self::Github | Self::Gitea, State::Error) => ("error", 140),
            (Self::Github | Self::Gitea, State::Success) => ("success", 140),
            (Self::Gitlab, State::Pending) => ("pending", 255),
            (Self::Gitlab, State::Running) => ("running", 255),
            (Self::Gitlab, State::Failure | State::Error) => ("failed", 255),
            (Self::Gitlab, State::Success) => ("success", 255),
        };
        let context: String = format!("{context}/{}", news.stack).chars().take(255).collect();
        let description = short(&news.message, longest);
        let name = if self == Self::Gitlab { "name" } else { "context" };
        let mut body = json!({"state": word, name: context, "description": description});
        if let (Some(url), Some(members)) = (news.url(page), body.as_object_mut()) {
            members.insert("target_url".to_owned(), Value::from(url));
        }
        body
    }

    /// Whether this answer says that it is as it was asked to be.
    pub fn took(self, status: StatusCode, answer: &str) -> bool {
        let again =
            self == Self::Gitlab && status == StatusCode::BAD_REQUEST && answer.contains("Cannot transition status");
        status.is_success() || again
    }
}

/// `acme/infra`, in the form that the API takes. GitLab's groups lie in each other.
fn repository(kind: Kind, address: &Address) -> Result<String, String> {
    let segments: Vec<&str> = address.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let local = address.transport() == Transport::File;
    let taken = match kind {
        Kind::Gitlab if !local => segments.as_slice(),
        _ => &segments[segments.len().saturating_sub(2)..],
    };
    if taken.len() < 2 {
        return Err(format!("`{}` names no repository of an owner", address.path()));
    }
    let encoded: Vec<String> = taken.iter().map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect();
    Ok(encoded.join(if kind == Kind::Gitlab { "%2F" } else { "/" }))
}

/// So many characters, on one line.
fn short(text: &str, most: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::machine::StackState;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_status_goes_to_the_repository_of_the_source() {
        let table = [
            (Kind::Github, None, "git@github.com:acme/infra.git", "https://api.github.com/repos/acme/infra/statuses/"),
            (
                Kind::Github,
                None,
                "ssh://git@ssh.github.com:443/acme/infra",
                "https://api.github.com/repos/acme/infra/statuses/",
            ),
            (
                Kind::Github,
                None,
                "https://gh.example.org/acme/infra.git",
                "https://gh.example.org/api/v3/repos/acme/infra/statuses/",
            ),
            (
                Kind::Gitlab,
                None,
                "ssh://git@gl.example.org:2222/a/b/c.git",
                "https://gl.example.org/api/v4/projects/a%2Fb%2Fc/statuses/",
            ),
            (
                Kind::Gitea,
                None,
                "http://127.0.0.1:3000/acme/in fra".trim_end_matches(" fra"),
                "http://127.0.0.1:3000/api/v1/repos/acme/in/statuses/",
            ),
            (
                Kind::Github,
                Some("http://127.0.0.1:1/x/"),
                "/srv/git/acme/infra.git",
                "http://127.0.0.1:1/x/repos/acme/infra/statuses/",
            ),
            (
                Kind::Gitlab,
                Some("http://h"),
                "https://h/a/%2e%2e/b?c",
                "http://h/projects/a%2F%252e%252e%2Fb%3Fc/statuses/",
            ),
        ];
        for (kind, api, address, url) in table {
            let address = Address::parse(address).unwrap();
            assert_eq!(kind.url(api, &address, SHA).unwrap(), format!("{url}{SHA}"), "{address:?}");
        }
        for (api, address) in [(None, "/srv/git/acme/infra.git"), (Some("http://h"), "https://h/infra")] {
            assert!(Kind::Github.url(api, &Address::parse(address).unwrap(), SHA).is_err(), "{address}");
        }
    }

    #[test]
    fn a_status_fits_what_the_forge_takes() {
        let state = StackState::made(|s| {
            s.message = format!("{}\nö", "ä".repeat(139));
        });
        let news = News::new("web", &state, false, jiff::Timestamp::UNIX_EPOCH);
        let body = Kind::Github.body("stackup/prod", &news, State::Error, None);
        assert!(body.get("target_url").is_none());
        let linked = Kind::Github.body("stackup/prod", &news, State::Error, Some("https://s.example.org/"));
        assert_eq!(linked["target_url"], "https://s.example.org/stacks/web");
        assert_eq!((body["state"].as_str(), body["context"].as_str()), (Some("error"), Some("stackup/prod/web")));
        let description = body["description"].as_str().unwrap();
        assert!(description.chars().count() == 140 && description.ends_with("ä…"), "{description}");
        let body = Kind::Gitlab.body("stackup", &news, State::Running, None);
        assert_eq!((body["state"].as_str(), body["name"].as_str()), (Some("running"), Some("stackup/web")));
        assert!(body["description"].as_str().unwrap().ends_with("ä ö"));
        let again = r#"{"message":"Cannot transition status via :run from :running"}"#;
        assert!(
            Kind::Gitlab.took(StatusCode::BAD_REQUEST, again) && !Kind::Github.took(StatusCode::BAD_REQUEST, again)
        );
    }

    #[test]
    fn a_token_is_a_header_that_no_log_shows() {
        for kind in [Kind::Github, Kind::Gitlab, Kind::Gitea] {
            let headers = kind.headers(&SecretString::from("hunter2")).unwrap();
            assert!(headers.iter().any(|(_, value)| value.to_str().unwrap().ends_with("hunter2")));
            assert!(!format!("{headers:?}").contains("hunter2"));
            assert!(kind.headers(&SecretString::from("a\u{7f}b")).is_err());
        }
    }
}
