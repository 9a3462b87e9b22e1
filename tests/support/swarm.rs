//! The swarm that engine tests speak to.
#![allow(dead_code, reason = "each test binary uses its own part")]

use crate::lab::{Lab, skip};

/// The engine of STACKUP_TEST_HOST, so that any engine can be tried; without it the shared lab of one node.
pub struct Swarm {
    pub host: String,
    /// Held until the test is over.
    lab: Option<Lab>,
}

impl Swarm {
    pub fn find() -> Option<Self> {
        match set("STACKUP_TEST_HOST") {
            Some(host) => Some(Self { host, lab: None }),
            None => Lab::up(1).map(|lab| Self { host: lab.host().to_owned(), lab: Some(lab) }),
        }
    }

    /// An engine that somebody else brought up.
    pub fn at(host: &str) -> Self {
        Self { host: host.to_owned(), lab: None }
    }

    /// A lab of that name, of so many nodes.
    pub fn of(name: &str, nodes: u8) -> Option<Self> {
        Lab::named(name, nodes).map(|lab| Self { host: lab.host().to_owned(), lab: Some(lab) })
    }

    /// An image that the nodes can run, with a shell in it.
    pub fn image(&self) -> Option<String> {
        let image = match &self.lab {
            Some(lab) => Some(lab.image(&["engine:v1"])),
            None => set("STACKUP_TEST_IMAGE"),
        };
        if image.is_none() {
            skip("STACKUP_TEST_HOST is set and STACKUP_TEST_IMAGE names no image for it");
        }
        image
    }
}

fn set(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}
