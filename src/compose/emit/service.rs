//! `services.NAME`.

use serde_json::{Map, Value, json};

use super::deploy::deploy;
use super::tree::Section;
use crate::compose::model::{
    DependsOnCondition, FileReference, Healthcheck, Mount, MountType, Port, Service, ServiceNetwork,
};
use crate::diagnostic::Spanned;

pub fn service(service: &Service) -> Section {
    let mut s = Section::default();
    for (key, value) in &service.ignored {
        s.set(key, value.value.clone());
    }
    s.text("image", &service.image);
    s.words("command", &service.command);
    s.words("entrypoint", &service.entrypoint);
    if !service.environment.is_empty() {
        let values = service.environment.iter();
        s.set("environment", values.map(|(k, v)| (k.clone(), json!(v.value))).collect::<Map<_, _>>());
    }
    s.texts("env_file", &service.env_file);
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
    let hosts = service.extra_hosts.iter().map(|h| Value::from(format!("{}:{}", h.value.0, h.value.1)));
    s.list("extra_hosts", hosts.collect());
    s.texts("dns", &service.dns);
    s.texts("dns_search", &service.dns_search);
    s.texts("cap_add", &service.cap_add);
    s.texts("cap_drop", &service.cap_drop);
    s.map("sysctls", &service.sysctls);
    if !service.ulimits.is_empty() {
        s.set(
            "ulimits",
            service.ulimits.iter().map(|(k, u)| (k.clone(), ulimit(u.soft, u.hard))).collect::<Map<_, _>>(),
        );
    }
    s.value("oom_score_adj", &service.oom_score_adj);
    if let Some(spec) = &service.credential_spec {
        let mut part = Section::default();
        part.text("config", &spec.config);
        part.text("file", &spec.file);
        part.text("registry", &spec.registry);
        s.set("credential_spec", part);
    }
    if let Some(check) = &service.healthcheck {
        s.set("healthcheck", healthcheck(check));
    }
    if let Some(logging) = &service.logging {
        let mut part = Section::default();
        part.text("driver", &logging.driver);
        part.map("options", &logging.options);
        s.set("logging", part);
    }
    s.list("ports", service.ports.iter().map(|p| port(p)).collect());
    s.list("volumes", service.mounts.iter().map(|m| mount(m).into()).collect());
    if let Some(networks) = &service.networks {
        s.set("networks", networks.iter().map(|(k, n)| (k.clone(), network(n))).collect::<Map<_, _>>());
    }
    s.list("secrets", service.secrets.iter().map(reference).collect());
    s.list("configs", service.configs.iter().map(reference).collect());
    depends_on(service, &mut s);
    s.text("restart", &service.restart);
    s.extensions(&service.extensions);
    s
}

fn ulimit(soft: i64, hard: i64) -> Value {
    if soft == hard { json!(soft) } else { json!({"soft": soft, "hard": hard}) }
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

fn port(p: &Port) -> Value {
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
    s.set("target", m.target.value.clone());
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
        tmpfs.set("size", size.value.0);
    }
    tmpfs.value("mode", &m.tmpfs_mode);
    s.section("tmpfs", tmpfs);
    s
}

fn network(n: &ServiceNetwork) -> Value {
    let mut s = Section::default();
    s.texts("aliases", &n.aliases);
    s.map("driver_opts", &n.driver_opts);
    s.text("ipv4_address", &n.ipv4_address);
    s.text("ipv6_address", &n.ipv6_address);
    if s.is_empty() { Value::Null } else { s.into() }
}

fn reference(r: &Spanned<FileReference>) -> Value {
    let mut s = Section::default();
    s.set("source", r.source.value.clone());
    s.text("target", &r.target);
    s.text("uid", &r.uid);
    s.text("gid", &r.gid);
    s.value("mode", &r.mode);
    s.into()
}

/// A plain list where nothing more is said, as docker takes it.
fn depends_on(service: &Service, s: &mut Section) {
    let plain = |c: DependsOnCondition, required| c == DependsOnCondition::Started && required;
    if service.depends_on.values().all(|d| plain(d.condition, d.required)) {
        s.list("depends_on", service.depends_on.keys().map(|k| Value::from(k.as_str())).collect());
        return;
    }
    let long = service.depends_on.iter().map(|(name, d)| {
        let condition = match d.condition {
            DependsOnCondition::Started => "service_started",
            DependsOnCondition::Healthy => "service_healthy",
            DependsOnCondition::CompletedSuccessfully => "service_completed_successfully",
        };
        let mut part = Section::default();
        part.set("condition", condition);
        if !d.required {
            part.set("required", false);
        }
        (name.clone(), part.into())
    });
    s.set("depends_on", long.collect::<Map<String, Value>>());
}
