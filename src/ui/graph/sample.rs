//! Stacks to draw.

use std::path::Path;

use crate::compose::model::{DependsOn, DependsOnCondition, Service, Stack};
use crate::compose::{Environment, FileError, Files, Input, Options, load};
use crate::diagnostic::{FileId, Sources, Span, Spanned};

/// A small shop, as files would say it.
pub const SHOP: &str = r#"
services:
  proxy:
    image: a/proxy:1
    ports: ["80:80", "443:8443", {target: 53, published: 53, protocol: udp, mode: host}]
    networks: [edge, inner]
    depends_on: {web: {condition: service_healthy}}
    configs: [nginx]
    secrets: [cert]
  web:
    image: a/web:1
    networks: [inner]
    depends_on: [db]
    secrets: [password]
  worker:
    image: a/worker:1
    networks: [inner]
    depends_on: {db: {condition: service_completed_successfully}}
    volumes: ["uploads:/data", "/var/run/x:/x"]
  db:
    image: a/db:1
    networks: [inner]
    volumes: ["rows:/var/lib/db"]
    secrets: [password]
  lonely: {image: a/lonely:1}
networks: {edge: {external: true}, inner: {}}
volumes: {rows: {}, uploads: {}}
configs: {nginx: {content: x}}
secrets: {cert: {external: true}, password: {external: true}}
"#;

struct NoFiles;
impl Files for NoFiles {
    fn read(&self, _: &Path) -> Result<Vec<u8>, FileError> {
        Err(FileError::Missing)
    }
}

pub fn shop() -> Stack {
    let input = Input { path: "compose.yaml".to_owned(), bytes: SHOP.as_bytes().to_vec() };
    let options = Options {
        working_dir: "/".into(),
        environment: Environment::new(),
        home: None,
        interpolate: true,
        contents: false,
    };
    let loaded = load(&[input], &options, &NoFiles, &mut Sources::default());
    assert!(!loaded.diagnostics.has_errors(), "{:?}", loaded.diagnostics);
    loaded.stack.unwrap()
}

/// Services whose names want to get out, one after the other.
pub fn hostile(names: &[&str]) -> Stack {
    let mut stack = Stack::default();
    let span = Span { file: FileId(0), start: 0, end: 0 };
    let mut last: Option<String> = None;
    for name in names {
        let mut service = Service::new(Spanned::new((*name).to_owned(), span));
        if let Some(last) = last.replace((*name).to_owned()) {
            let condition = DependsOnCondition::Healthy;
            service.depends_on.insert(last, Spanned::new(DependsOn { condition, required: true }, span));
        }
        stack.services.insert((*name).to_owned(), service);
    }
    stack
}
