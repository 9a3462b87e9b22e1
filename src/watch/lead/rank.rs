//! Who leads, as far as is known here.

use serde_json::{Value, json};

/// Who leads, as far as is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rank {
    Leads,
    /// Another one does.
    StandsBy(String),
    /// Nobody is known to, for this reason.
    Seeks(String),
}

impl Default for Rank {
    fn default() -> Self {
        Self::Seeks("it has just begun".to_owned())
    }
}

impl Rank {
    pub fn leads(&self) -> bool {
        *self == Self::Leads
    }

    /// For a person.
    pub fn words(&self) -> String {
        match self {
            Self::Leads => "leads".to_owned(),
            Self::StandsBy(leader) => format!("stands by: {leader} leads"),
            Self::Seeks(why) => format!("stands by, and nobody is known to lead: {why}"),
        }
    }

    /// For the API.
    pub fn json(&self) -> Value {
        let leader = match self {
            Self::StandsBy(leader) => Some(leader),
            Self::Leads | Self::Seeks(_) => None,
        };
        json!({"leads": self.leads(), "leader": leader, "message": self.words()})
    }
}
