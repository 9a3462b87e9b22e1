//! `networks`, `volumes`, `secrets`, `configs`.

use serde_json::json;

use super::tree::{Piece, Section, text};
use crate::compose::model::{External, FileObject, Network, Text, Volume};

fn named(name: &Option<Text>, external: &Option<External>) -> Section {
    let mut s = Section::default();
    match external {
        Some(external) => {
            s.set("name", text(&external.name));
            s.set("external", true);
        }
        None => s.text("name", name),
    }
    s
}

pub fn network(n: &Network) -> Section {
    let mut s = named(&n.name, &n.external);
    s.text("driver", &n.driver);
    s.map("driver_opts", &n.driver_opts);
    if n.ipam {
        let mut ipam = Section::default();
        ipam.text("driver", &n.ipam_driver);
        ipam.list("config", n.subnets.iter().map(|t| Piece::from(json!({"subnet": t.value})).at(t.span)));
        s.set("ipam", ipam);
    }
    s.value("internal", &n.internal);
    s.value("attachable", &n.attachable);
    s.map("labels", &n.labels);
    s.extensions(&n.extensions);
    s
}

pub fn volume(v: &Volume) -> Section {
    let mut s = named(&v.name, &v.external);
    s.text("driver", &v.driver);
    s.map("driver_opts", &v.driver_opts);
    s.map("labels", &v.labels);
    s.extensions(&v.extensions);
    s
}

pub fn file_object(o: &FileObject) -> Section {
    let mut s = named(&o.name, &o.external);
    s.text("file", &o.file);
    s.text("content", &o.inline);
    s.text("environment", &o.environment);
    s.map("labels", &o.labels);
    s.text("driver", &o.driver);
    s.map("driver_opts", &o.driver_opts);
    s.text("template_driver", &o.template_driver);
    s.extensions(&o.extensions);
    s
}
