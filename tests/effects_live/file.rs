//! The Compose file of a part: all of its rows as services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::row::{Row, merge, without_nulls};
use crate::rows::Part;

/// A row under the names that it has on the swarm.
#[derive(Clone, Debug)]
pub struct Named {
    pub stack: &'static str,
    /// The service's key in the file.
    pub key: String,
    /// A port that no other row has: this one, and this one with a 1 before it.
    pub port: usize,
    pub row: Row,
}

/// Gives every row of these parts its names.
pub fn named(parts: Vec<Part>) -> Vec<Named> {
    let rows = parts.into_iter().flat_map(|part| part.rows.into_iter().map(move |row| (part.stack, row)));
    let name = |(number, (stack, row)): (usize, (&'static str, Row))| Named {
        stack,
        key: format!("r{number:03}"),
        port: 2000 + number,
        row,
    };
    rows.enumerate().map(name).collect()
}

/// Names of images, by the word that rows use.
pub type Images = BTreeMap<&'static str, String>;

impl Named {
    pub fn service(&self) -> String {
        format!("{}_{}", self.stack, self.key)
    }

    fn fill(&self, value: &Value, images: &Images) -> Value {
        let words = images.iter().map(|(word, image)| (*word, image.clone()));
        let words = words.chain([("KEY", self.key.clone()), ("PORT", self.port.to_string())]);
        let text = words.fold(value.to_string(), |text, (word, with)| text.replace(word, &with));
        serde_json::from_str(&text).unwrap()
    }

    /// Networks that the row wants made by hand beforehand: the external ones of its first file that bear the stack's name.
    pub fn networks_by_hand(&self, images: &Images) -> Vec<String> {
        let (file, _) = self.row.before();
        let file = self.fill(&file, images);
        let networks = file["networks"].as_object().into_iter().flatten();
        networks
            .filter(|(_, network)| network["external"] == true)
            .filter_map(|(_, network)| network["name"].as_str().map(str::to_owned))
            .collect()
    }
}

/// The file of one stack, before or after.
pub fn file(rows: &[&Named], after: bool, images: &Images) -> String {
    let mut file = json!({"services": {}, "networks": {"host": {"external": true, "name": "host"}}});
    for row in rows {
        let (around, service) = if after { row.row.after() } else { row.row.before() };
        merge(&mut file, &row.fill(&around, images));
        merge(&mut file["services"], &json!({&row.key: row.fill(&service, images)}));
    }
    without_nulls(&mut file);
    serde_json::to_string_pretty(&file).unwrap()
}
