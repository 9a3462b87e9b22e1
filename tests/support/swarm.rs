//! The swarm of one node that engine tests speak to.
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

    /// An image that the node can run, with a shell in it.
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
