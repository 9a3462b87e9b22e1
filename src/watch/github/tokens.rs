//! Tokens of apps, kept until shortly before they expire.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::jwt::jwt;
use crate::git::Address;
use crate::https::agent;
use crate::watch::announce::Kind;
use crate::watch::settings::GithubApp;

const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER: u64 = 64 * 1024;
/// So long before its end a token is not used any more, or for half of its life where that is shorter.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// What a token is for: no other repository, and no other right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Address of the API, without a `/` at the end.
    pub api: String,
    pub app: u64,
    pub installation: u64,
    pub private_key_file: PathBuf,
    /// Name of a repository, without its owner; all of the installation where it cannot be told.
    pub repository: Option<String>,
    /// `contents: read`
    pub right: (&'static str, &'static str),
}

impl Need {
    /// Of the source at this address. Words where the API is nowhere.
    pub fn of(app: &GithubApp, address: &Address, right: (&'static str, &'static str)) -> Result<Self, String> {
        let api = Kind::Github.api(app.api.as_deref(), address)?;
        let last = address.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let repository = Some(last.trim_end_matches(".git").to_owned()).filter(|name| !name.is_empty());
        let (installation, private_key_file) = (app.installation_id, app.private_key_file.clone());
        Ok(Self { api, app: app.app_id, installation, private_key_file, repository, right })
    }
}

/// All that are good still.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<BTreeMap<Need, Token>>);

#[derive(Clone, Debug)]
struct Token {
    token: SecretString,
    until: Timestamp,
}

impl Tokens {
    /// One that is kept, or a new one. Words say why there is none.
    pub async fn get(&self, need: &Need) -> Result<SecretString, String> {
        // Held meanwhile, so that one is fetched for all who wait.
        let mut all = self.0.lock().await;
        let now = Timestamp::now();
        all.retain(|_, token| token.until > now);
        if let Some(token) = all.get(need) {
            return Ok(token.token.clone());
        }
        let token = fetch(need, now).await.map_err(|why| format!("GitHub App {}: {why}", need.app))?;
        let given = token.token.clone();
        all.insert(need.clone(), token);
        Ok(given)
    }

    /// It was refused.
    pub async fn forget(&self, need: &Need) {
        self.0.lock().await.remove(need);
    }
}

async fn fetch(need: &Need, now: Timestamp) -> Result<Token, String> {
    let path = need.private_key_file.display();
    let pem =
        tokio::fs::read(&need.private_key_file).await.map_err(|error| format!("{path} cannot be read: {error}"))?;
    let proof = jwt(need.app, &zeroize::Zeroizing::new(pem), now.as_second()).map_err(|why| format!("{path} {why}"))?;
    let mut body = json!({"permissions": {need.right.0: need.right.1}});
    if let Some(repository) = &need.repository {
        body["repositories"] = json!([repository]);
    }
    let url = format!("{}/app/installations/{}/access_tokens", need.api, need.installation);
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", proof.expose_secret())).map_err(|e| e.to_string())?;
    bearer.set_sensitive(true);
    let request = Request::post(&url)
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28")
        .header(AUTHORIZATION, bearer)
        .body(body.to_string().into_bytes())
        .map_err(|error| format!("no request can be made to {url}: {error}"))?;
    let asked = tokio::task::spawn_blocking(move || {
        let mut answer = agent(PATIENCE).run(request)?;
        let text = answer.body_mut().with_config().limit(ANSWER).read_to_string().unwrap_or_default();
        Ok::<_, ureq::Error>((answer.status(), text))
    });
    let (status, text) = match asked.await {
        Ok(Ok(said)) => said,
        Ok(Err(error)) => return Err(format!("{url}: {error}")),
        Err(broken) => return Err(broken.to_string()),
    };
    let said: Value = serde_json::from_str(&text).unwrap_or_default();
    if !status.is_success() {
        let message: String = said["message"].as_str().unwrap_or_default().chars().take(200).collect();
        let message = message.replace(proof.expose_secret(), "…").replace(char::is_control, " ");
        return Err(format!("no token, but {status} {message}").trim_end().to_owned());
    }
    let token = said["token"].as_str().filter(|token| !token.is_empty() && !token.contains(char::is_control));
    let token = SecretString::from(token.ok_or("the answer has no token in it")?);
    let ends: Option<Timestamp> = said["expires_at"].as_str().and_then(|at| at.parse().ok());
    let life = ends.map_or(SignedDuration::from_hours(1), |ends| ends.duration_since(now)).max(SignedDuration::ZERO);
    let until = now + (life - MARGIN.min(life / 2));
    Ok(Token { token, until })
}
