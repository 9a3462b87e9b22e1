//! Files to deploy, and what of the result to look at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// `case.json` of a folder of `fixtures/differs` beside its Compose files:
///
/// - `about`, `why`, `section`: for docs/differs.md;
/// - `show`: what of the result is looked at. A path into what the swarm stores
///   (`/services/shop_web/TaskTemplate/ContainerSpec/Env`), or
///   - `writes`: the objects that are created, updated or removed,
///   - `restarts`: the services whose tasks are replaced,
///   - `warnings`,
///   - `in_order`: whether services are created in the order of `depends_on`;
///
///   an error is always shown;
/// - `files` (`compose.yml`), `env` (none), `home` (`/home/user`);
/// - `before`: a file that docker deploys first, to the stack `before_stack` (the same);
/// - `api`: the least API version that can store what we want.
pub struct Case {
    pub name: String,
    pub dir: PathBuf,
    told: Value,
}

/// The stack that every case is deployed as.
pub const STACK: &str = "shop";

pub fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/differs");
    let folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<Case> = folders
        .filter(|path| path.is_dir())
        .map(|dir| Case {
            name: dir.file_name().unwrap().to_str().unwrap().to_owned(),
            told: read(&dir.join("case.json")),
            dir,
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

impl Case {
    pub fn new(name: String, dir: &Path, told: Value) -> Self {
        Self { name, dir: dir.to_owned(), told }
    }

    pub fn text(&self, key: &str) -> &str {
        self.told[key].as_str().unwrap_or_default()
    }

    pub fn files(&self) -> Vec<String> {
        let named =
            self.told["files"].as_array().map(|all| all.iter().map(|f| f.as_str().unwrap().to_owned()).collect());
        named.unwrap_or_else(|| vec!["compose.yml".to_owned()])
    }

    pub fn environment(&self) -> BTreeMap<String, String> {
        let pairs = self.told["env"].as_object().into_iter().flatten();
        pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    }

    pub fn home(&self) -> Option<String> {
        match self.told.get("home") {
            Some(home) => home.as_str().map(str::to_owned),
            None => Some("/home/user".to_owned()),
        }
    }

    /// The file and the stack that come first.
    pub fn before(&self) -> Option<(&str, &str)> {
        let file = self.told["before"].as_str()?;
        Some((file, self.told["before_stack"].as_str().unwrap_or(STACK)))
    }

    /// An engine of this API version can store what we want.
    pub fn on_engine(&self, api: &str) -> bool {
        let number = |text: &str| -> (u32, u32) {
            let (major, minor) = text.split_once('.').unwrap();
            (major.parse().unwrap(), minor.parse().unwrap())
        };
        self.told["api"].as_str().is_none_or(|least| number(api) >= number(least))
    }

    /// What of `all` the case is about.
    pub fn shown(&self, all: &Outcome) -> Value {
        let mut shown = json!({});
        if let Some(error) = &all.error {
            shown["error"] = json!(error);
        }
        for part in self.told["show"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()) {
            shown[part] = match part {
                "writes" => json!(all.writes),
                "restarts" => json!(all.restarts),
                // With an error nobody looks at them.
                "warnings" if all.error.is_some() => continue,
                "warnings" => json!(all.warnings),
                "in_order" => json!(all.in_order),
                path if all.error.is_none() || self.before().is_some() => {
                    all.stored.pointer(path).cloned().unwrap_or_default()
                }
                // Half a stack is left: how much of it is chance.
                _ => continue,
            };
        }
        shown
    }

    pub fn kept(&self, file: &str) -> Value {
        read(&self.dir.join(file))
    }

    pub fn keep(&self, file: &str, result: &Value) {
        std::fs::write(self.dir.join(file), format!("{result:#}\n")).unwrap();
    }
}

/// What came of deploying a case.
#[derive(Default)]
pub struct Outcome {
    pub error: Option<String>,
    pub warnings: Vec<String>,
    /// `create service shop_web`, sorted.
    pub writes: Vec<String>,
    pub restarts: Vec<String>,
    pub in_order: bool,
    /// Specs by kind and name.
    pub stored: Value,
}

/// Whether two results say the same: what stands for nothing is nothing, and we may say it in other words, not by another code.
pub fn same(a: &Value, b: &Value) -> bool {
    tidy(a.clone()) == tidy(b.clone())
}

fn tidy(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().map(|(key, value)| (key, tidy(value))).filter(|(_, value)| !is_nothing(value));
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.into_iter().map(tidy).collect(),
        other => other,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}
