//! Which of a pull request's comments is ours.

use serde_json::Value;

use super::header::Header;

/// Who the token speaks as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `github-actions[bot]`
    pub login: String,
    pub id: Option<u64>,
}

impl Identity {
    /// Whom a job's own token is taken for where GitHub does not say.
    pub fn actions() -> Self {
        Self { login: "github-actions[bot]".to_owned(), id: None }
    }

    /// The comment was written by this very identity. Brackets cannot be in a person's login.
    pub fn wrote(&self, comment: &Value) -> bool {
        let user = |key: &str| comment.pointer(&format!("/user/{key}"));
        let (login, id) = (user("login").and_then(Value::as_str), user("id").and_then(Value::as_u64));
        let bot = user("type").and_then(Value::as_str) == Some("Bot");
        match (self.id, id) {
            (Some(own), Some(id)) => own == id,
            _ => login.is_some_and(|login| {
                login == self.login && bot == self.login.ends_with("[bot]")
                    || bot && login.strip_suffix("[bot]") == Some(self.login.as_str())
            }),
        }
    }
}

/// A comment of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: u64,
    /// Its name in GraphQL.
    pub node: String,
    pub url: String,
    pub body: String,
    pub header: Header,
}

/// All of ours with this key, newest first.
pub fn ours(comments: &[Value], identity: &Identity, key: &str) -> Vec<Found> {
    ours_where(comments, identity, |header| header.key == key)
}

pub fn ours_where(comments: &[Value], identity: &Identity, fits: impl Fn(&Header) -> bool) -> Vec<Found> {
    let mut found: Vec<Found> = comments
        .iter()
        .filter(|comment| identity.wrote(comment))
        .filter_map(|comment| {
            let body = comment.get("body")?.as_str()?;
            let header = Header::parse(body).filter(|header| fits(header))?;
            let text = |key: &str| comment.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (url, node) = (text("html_url"), text("node_id"));
            Some(Found { id: comment.get("id")?.as_u64()?, node, url, body: body.to_owned(), header })
        })
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.id));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn comment(id: u64, user: Value, header: &Header) -> Value {
        json!({"id": id, "html_url": format!("https://x/{id}"), "user": user, "body": format!("{}\n\na\n\nb", header.line())})
    }

    #[test]
    fn only_our_own_and_the_newest_first() {
        let header = |key: &str| Header { key: key.into(), ..Header::default() };
        let bot = json!({"login": "github-actions[bot]", "id": 41898282, "type": "Bot"});
        let all = [
            comment(1, bot.clone(), &header("k")),
            comment(2, json!({"login": "mallory", "id": 5, "type": "User"}), &header("k")),
            comment(3, json!({"login": "other[bot]", "id": 6, "type": "Bot"}), &header("k")),
            comment(4, bot.clone(), &header("another")),
            comment(5, bot.clone(), &header("k")),
            comment(6, json!({"login": "github-actions", "id": 7, "type": "User"}), &header("k")),
            json!({"id": 8, "user": bot, "body": null}),
        ];
        let ids = |identity: &Identity| ours(&all, identity, "k").iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(&Identity::actions()), [5, 1]);
        assert_eq!(ids(&Identity { login: "github-actions".into(), id: Some(41898282) }), [5, 1]);
        assert_eq!(ids(&Identity { login: "mallory".into(), id: None }), [2]);
        assert_eq!(ids(&Identity { login: "other".into(), id: None }), [3]);
    }
}
