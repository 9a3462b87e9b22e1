//! `services.NAME`.

use std::collections::HashSet;

use serde_json::Value;

use super::deploy::deploy;
use super::tree::{Form, Origin, Piece, Section, distinct, text};
use crate::compose::model::{
    DependsOnCondition, FileReference, Healthcheck, Mount, MountType, Port, Service, ServiceNetwork,
};
use crate::diagnostic::Spanned;

pub fn service(service: &Service) -> Section {
    let mut s = Section::default();
    for (key, value) in &service.ignored {
        let piece = match Piece::from(value.value.clone()) {
            Piece { form: Form::List(items), .. } => Piece::list(distinct(items.into_iter())),
            other => other,
        };
        s.set(key, piece.at(value.span));
    }
    s.text("image", &service.image);
    s.words("command", &service.command);
    s.words("entrypoint", &service.entrypoint);
    s.entries("environment", service.environment.iter().map(|(k, v)| (k.clone(), variable(service, v))));
    s.once("env_file", service.env_file.iter().map(text));
    s.map("labels", &service.labels);
    s.section("deploy", deploy(&service.deploy));
    s.text("hostname", &service.hostname);
    s.text("domainname", &service.domainname);
    s.text("user", &service.user);
    s.texts("group_add", &service.group_add);
    s.text("working_dir", &service.working_dir);
    s.value("tty", &service.tty);
    s.value("stdin_open", &service.stdin_open);
    s.value("read_only", &service.read_only);
    s.value("init", &service.init);
    s.text("isolation", &service.isolation);
    s.text("stop_signal", &service.stop_signal);
    s.duration("stop_grace_period", &service.stop_grace_period);
    let hosts = service.extra_hosts.iter();
    s.once("extra_hosts", hosts.map(|h| Piece::from(format!("{}:{}", h.value.0, h.value.1)).at(h.span)));
    s.once("dns", service.dns.iter().map(text));
    s.once("dns_search", service.dns_search.iter().map(text));
    s.once("cap_add", service.cap_add.iter().map(text));
    s.once("cap_drop", service.cap_drop.iter().map(text));
    s.map("sysctls", &service.sysctls);
    s.entries("ulimits", service.ulimits.iter().map(|(k, u)| (k.clone(), ulimit(u.soft, u.hard).at(u.span))));
    s.value("oom_score_adj", &service.oom_score_adj);
    if let Some(spec) = &service.credential_spec {
        let mut part = Section::default();
        part.text("config", &spec.config);
        part.text("file", &spec.file);
        part.text("registry", &spec.registry);
        s.set("credential_spec", Piece::from(part).at(spec.span));
    }
    if let Some(check) = &service.healthcheck {
        s.set("healthcheck", Piece::from(healthcheck(check)).at(check.span));
    }
    if let Some(logging) = &service.logging {
        let mut part = Section::default();
        part.text("driver", &logging.driver);
        part.map("options", &logging.options);
        s.set("logging", Piece::from(part).at(logging.span));
    }
    // Two short forms may stand for one port.
    let mut seen = HashSet::new();
    let ports = service.ports.iter().filter(|p| seen.insert((p.target, p.published, &p.protocol, &p.mode)));
    s.list("ports", ports.map(|p| port(p).at(p.span)));
    s.list("volumes", service.mounts.iter().map(|m| Piece::from(mount(m)).at(m.span)));
    if let Some(networks) = &service.networks {
        s.set("networks", Piece::map(networks.iter().map(|(k, n)| (k.clone(), network(n).at(n.span)))));
    }
    s.list("secrets", service.secrets.iter().map(reference));
    s.list("configs", service.configs.iter().map(reference));
    depends_on(service, &mut s);
    s.text("restart", &service.restart);
    s.extensions(&service.extensions);
    s
}

/// What an env_file gives keeps the place that names the file.
fn variable(service: &Service, value: &Spanned<Option<String>>) -> Piece {
    let piece = Piece::from(value.value.as_deref().map_or(Value::Null, Value::from));
    match service.env_file.iter().find(|file| file.span == value.span) {
        Some(file) => {
            let origin = Origin::EnvFile { path: file.value.clone(), named: file.span };
            Piece { origin: Some(origin), ..piece }
        }
        None => piece.at(value.span),
    }
}

fn ulimit(soft: i64, hard: i64) -> Piece {
    if soft == hard {
        return soft.into();
    }
    Piece::map([("soft".to_owned(), soft.into()), ("hard".to_owned(), hard.into())])
}

fn healthcheck(h: &Healthcheck) -> Section {
    let mut s = Section::default();
    s.words("test", &h.test);
    s.duration("timeout", &h.timeout);
    s.duration("interval", &h.interval);
    s.value("retries", &h.retries);
    s.duration("start_period", &h.start_period);
    s.duration("start_interval", &h.start_interval);
    s.value("disable", &h.disable);
    s
}

fn port(p: &Port) -> Piece {
    let mut s = Section::default();
    if !p.mode.is_empty() {
        s.set("mode", p.mode.clone());
    }
    s.set("target", p.target);
    if p.published != 0 {
        s.set("published", p.published);
    }
    if !p.protocol.is_empty() {
        s.set("protocol", p.protocol.clone());
    }
    s.into()
}

fn mount(m: &Mount) -> Section {
    let kind = match m.kind {
        MountType::Volume => "volume",
        MountType::Bind => "bind",
        MountType::Tmpfs => "tmpfs",
        MountType::Npipe => "npipe",
        MountType::Image => "image",
        MountType::Cluster => "cluster",
    };
    let mut s = Section::default();
    s.set("type", kind);
    s.text("source", &m.source);
    s.set("target", text(&m.target));
    s.value("read_only", &m.read_only);
    s.text("consistency", &m.consistency);
    if m.bind {
        let mut bind = Section::default();
        bind.text("propagation", &m.propagation);
        s.set("bind", bind);
    }
    let mut volume = Section::default();
    volume.value("nocopy", &m.no_copy);
    volume.text("subpath", &m.subpath);
    s.section(if m.kind == MountType::Image { "image" } else { "volume" }, volume);
    let mut tmpfs = Section::default();
    if let Some(size) = &m.tmpfs_size {
        tmpfs.set("size", Piece::from(size.value.0).at(size.span));
    }
    tmpfs.value("mode", &m.tmpfs_mode);
    s.section("tmpfs", tmpfs);
    s
}

fn network(n: &ServiceNetwork) -> Piece {
    let mut s = Section::default();
    s.texts("aliases", &n.aliases);
    s.map("driver_opts", &n.driver_opts);
    s.text("ipv4_address", &n.ipv4_address);
    s.text("ipv6_address", &n.ipv6_address);
    if s.is_empty() { Value::Null.into() } else { s.into() }
}

fn reference(r: &Spanned<FileReference>) -> Piece {
    let mut s = Section::default();
    s.set("source", text(&r.source));
    s.text("target", &r.target);
    s.text("uid", &r.uid);
    s.text("gid", &r.gid);
    s.value("mode", &r.mode);
    Piece::from(s).at(r.span)
}

/// A plain list where nothing more is said, as docker takes it.
fn depends_on(service: &Service, s: &mut Section) {
    let plain = |c: DependsOnCondition, required| c == DependsOnCondition::Started && required;
    if service.depends_on.values().all(|d| plain(d.condition, d.required)) {
        s.list("depends_on", service.depends_on.iter().map(|(k, d)| Piece::from(k.as_str()).at(d.span)));
        return;
    }
    let long = service.depends_on.iter().map(|(name, d)| {
        let mut part = Section::default();
        part.set("condition", d.condition.as_str());
        if !d.required {
            part.set("required", false);
        }
        (name.clone(), Piece::from(part).at(d.span))
    });
    s.set("depends_on", Piece::map(long));
}
