//! Plans made by hand, for the snapshots of every form.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Circumstances, Document};
use crate::compose::model::{Content, DependsOnCondition};
use crate::diagnostic::{Diagnostic, FileId, Scrub, Sources, Span, code, nothing_to_hide};
use crate::plan::drift::{Drift, Origin, What};
use crate::plan::*;
use crate::swarm::{Cluster, Kind};

const COMPOSE: &str = "\
version: \"3.8\"
services:
  web:
    image: acme/web:1.5.0
    environment:
      LOG_LEVEL: debug
      FEATURE_X: \"1\"
      DB_PASSWORD: hunter2hunter2
    configs: [nginx_conf]
    command: |
      serve
      --fast
    deploy:
      replicas: 5
      labels: {traefik.http.routers.web.rule: Host(`b`)}
  worker:
    image: acme/worker:2
    deploy: {replicas: 6}
configs:
  nginx_conf: {file: nginx.conf}
";

pub fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add("docker-compose.yml", COMPOSE);
    sources.add("production.yml", "services:\n  web:\n    ports: [\"443:443\"]\n");
    sources
}

fn at(needle: &str) -> Option<Span> {
    let start = COMPOSE.find(needle)? as u32;
    Some(Span { file: FileId(0), start, end: start + needle.len() as u32 })
}

fn field(path: &str, before: Value, after: Value, effect: Effect, span: Option<Span>) -> FieldChange {
    let some = |value: Value| (!value.is_null()).then_some(value);
    let op = match (before.is_null(), after.is_null()) {
        (true, _) => Op::Add,
        (_, true) => Op::Remove,
        _ => Op::Replace,
    };
    FieldChange::new(path, op, some(before), some(after), effect, span)
}

fn change(kind: Kind, key: &str, action: Action, wave: u32, write: Write) -> Change {
    Change {
        kind,
        key: key.to_owned(),
        name: format!("getstartedlab_{key}"),
        id: None,
        action,
        wave,
        after: BTreeMap::new(),
        reasons: Vec::new(),
        fields: Vec::new(),
        content_diff: None,
        impact: Impact::default(),
        rollout: None,
        health: None,
        preconditions: Preconditions { present: false, index: None, spec_digest: None, update_state: None },
        span: at(&format!("{key}:")),
        write,
    }
}

/// Every class, as a hand makes it.
fn outside() -> Vec<Drift> {
    let one = |path: &str, applied: Value, live: Value, effect: Effect, origin: Origin| Drift {
        kind: Kind::Service,
        key: "web".to_owned(),
        name: "getstartedlab_web".to_owned(),
        what: What::Changed,
        path: path.to_owned(),
        applied: Some(applied),
        live: Some(live),
        sensitive: false,
        effect,
        origin: Some(origin),
        index: Some(2116),
        at: None,
    };
    let restart = Effect::ForcesRestart;
    vec![
        one("/deploy/replicas", json!(5), json!(8), Effect::Scale, Origin::Drift),
        one("/environment/LOG_LEVEL", json!("warn"), json!("info"), restart, Origin::Both),
        Drift { sensitive: true, ..one("/environment/DB_PASSWORD", Value::Null, Value::Null, restart, Origin::Drift) },
        one("/stop_signal", json!("SIGTERM"), json!("SIGINT"), restart, Origin::AlreadyLive),
        Drift {
            key: "api".to_owned(),
            what: What::Removed,
            ..one("", Value::Null, Value::Null, Effect::None, Origin::Drift)
        },
    ]
}

fn update(spec: Value) -> Write {
    Write::UpdateService { id: "lkqy".to_owned(), spec, before: None }
}

fn health(running: u64, desired: u64, state: &str) -> Option<Health> {
    Some(Health { running, desired, update_state: Some(state.to_owned()), going_for: None })
}

/// A rolling restart with every form of a field.
fn web() -> Change {
    let spec = json!({"UpdateConfig": {"Parallelism": 2, "Delay": 10_000_000_000_i64, "Monitor": 30_000_000_000_i64,
                      "Order": "start-first", "FailureAction": "rollback"}});
    let restart = Effect::ForcesRestart;
    let password = FieldChange {
        sensitive: true,
        before: None,
        after: None,
        op: Op::Replace,
        ..field("/environment/DB_PASSWORD", json!("x"), json!("y"), restart, at("hunter2hunter2"))
    };
    let elsewhere = Some(Span { file: FileId(1), start: 20, end: 25 });
    Change {
        rollout: Some(Rollout::of(&spec, Tasks { running: 8, wanted: 5, replaced: 5 }, false)),
        id: Some("lkqy".to_owned()),
        reasons: ["image", "environment"].map(str::to_owned).to_vec(),
        fields: vec![
            field(
                "/image",
                json!("acme/web:1.4.2@sha256:2b91aa00000000000000000000000000000000000000000000000000000000c0"),
                json!("acme/web:1.5.0@sha256:e77abb0000000000000000000000000000000000000000000000000000000019"),
                restart,
                at("acme/web:1.5.0"),
            ),
            field("/command", json!("serve\n"), json!("serve\n--fast\n"), restart, at("serve")),
            field("/environment/LOG_LEVEL", json!("info"), json!("debug"), restart, at("debug")),
            field("/environment/FEATURE_X", Value::Null, json!("1"), restart, at("\"1\"")),
            password,
            field("/environment/OLD", json!("gone"), Value::Null, restart, None),
            field(
                "/environment/JAVA_OPTIONS",
                json!(format!("-Da={}", "1".repeat(60))),
                json!(format!("-Da={}", "2".repeat(60))),
                restart,
                at("environment"),
            ),
            field("/configs/nginx_conf", json!("c41b22"), json!("7d3a09"), restart, at("nginx_conf]")),
            field("/ports/0", Value::Null, json!("443:443"), Effect::None, elsewhere),
            field("/deploy/replicas", json!(8), json!(5), Effect::Scale, at("5\n")),
            field(
                "/deploy/labels/traefik.http.routers.web.rule",
                json!("Host(`a`)"),
                json!("Host(`b`)"),
                Effect::None,
                at("traefik"),
            ),
            field("/deploy/resources/limits/memory", json!("50M"), json!("100M"), restart, at("deploy")),
            field(
                "/deploy/placement/constraints/0",
                Value::Null,
                json!("node.role == worker"),
                Effect::Replacement,
                None,
            ),
        ],
        impact: Impact { tasks_restarted: 5, tasks_stopped: 3, tasks_started: 0, downtime: false, min_seconds: 60 },
        health: health(8, 8, "completed"),
        preconditions: Preconditions {
            present: true,
            index: Some(2116),
            spec_digest: Some("sha256:00".to_owned()),
            update_state: Some("completed".to_owned()),
        },
        ..change(Kind::Service, "web", Action::Restart, 1, update(spec))
    }
}

/// Every action, orphans, preflight.
pub fn everything() -> Plan {
    let config = Change {
        content_diff: Some(
            "@@ upstream @@\n-  server app:8000 max_fails=1;\n+  server app:8000 max_fails=3;\n".to_owned(),
        ),
        ..change(
            Kind::Config,
            "nginx_conf",
            Action::Create,
            0,
            Write::CreateConfig { spec: json!({}), content: Content(b"secret".as_slice().into()) },
        )
    };
    let worker = Change {
        after: BTreeMap::from([("web".to_owned(), DependsOnCondition::Healthy)]),
        fields: vec![field("/deploy/replicas", json!(3), json!(6), Effect::Scale, at("6}"))],
        impact: Impact { tasks_started: 3, ..Impact::default() },
        health: health(2, 3, "paused"),
        ..change(Kind::Service, "worker", Action::Scale, 2, update(json!({})))
    };
    let api = Change {
        fields: vec![
            field("/deploy/mode", json!("replicated"), json!("global"), Effect::ForcesRecreate, at("worker:")),
            FieldChange {
                unknown: true,
                ..field("/image", json!("acme/api:1"), json!("acme/api:2"), Effect::ForcesRestart, None)
            },
        ],
        impact: Impact { tasks_restarted: 2, downtime: true, ..Impact::default() },
        health: health(2, 2, "completed"),
        ..change(Kind::Service, "api", Action::Recreate, 2, Write::RecreateService { id: "a".into(), spec: json!({}) })
    };
    let cron = Change {
        fields: vec![field("/deploy/update_config/delay", json!("10s"), json!("20s"), Effect::None, at("deploy"))],
        health: health(1, 1, "completed"),
        ..change(Kind::Service, "a-service-with-quite-a-long-name", Action::Update, 2, update(json!({})))
    };
    let new = Change {
        fields: vec![field("/image", Value::Null, json!("acme/new:1"), Effect::ForcesRestart, at("image"))],
        impact: Impact { tasks_started: 2, ..Impact::default() },
        ..change(Kind::Service, "new", Action::Create, 2, Write::CreateService { spec: json!({}) })
    };
    let old = Change {
        impact: Impact { tasks_stopped: 1, ..Impact::default() },
        health: health(1, 1, "completed"),
        ..change(Kind::Service, "old", Action::Remove, 3, Write::RemoveService { id: "o".into() })
    };
    let mut plan = nothing();
    plan.changes = vec![config, web(), worker, api, cron, new, old];
    plan.exact = false;
    plan.base = Base {
        standing: Standing::Recorded,
        release: Some(14),
        applied_by: Some("ci@acme".to_owned()),
        at: Some("2026-11-17T12:00:00Z".to_owned()),
        commit: Some("9be0d11".to_owned()),
    };
    plan.drift = outside();
    plan.orphans = vec![Orphan {
        kind: Kind::Service,
        name: "getstartedlab_redis-old".to_owned(),
        id: "r".to_owned(),
        health: health(1, 1, "completed"),
        created: "2026-04-20T00:00:00Z".parse().ok(),
    }];
    plan.placement = placements();
    plan.summary = Summary {
        create: 2,
        restart: 1,
        scale: 1,
        update: 1,
        recreate: 1,
        remove: 1,
        unchanged: 4,
        orphan: 1,
        tasks_restarted: 7,
        tasks_stopped: 4,
        tasks_started: 5,
        tasks_running: 17,
        tasks_desired: 18,
        services: 6,
        ..Summary::default()
    };
    plan.preflight
        .push(Diagnostic::warning(code::DOES_NOT_FIT, "web: no healthcheck, so \"healthy\" means \"running for 30s\""));
    plan.preflight.push(
        Diagnostic::error(code::DOES_NOT_FIT, "worker: only 1 of 3 new tasks fits")
            .at(at("replicas: 6").unwrap_or(Span { file: FileId(0), start: 0, end: 0 }))
            .help("reserves 2 GiB each; constraint node.labels.disk == ssd leaves 3 of 5 nodes; free: node-3 1.2 GiB")
            .about("service/worker"),
    );
    plan
}

/// What somebody writes who wants to get out of a form.
pub const HOSTILE: &[&str] = &[
    "```\n````\n</details>\n<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "@everyone [x](https://evil.example) <b>",
    "a|b\\|c` ``d",
    "::set-output name=x::y%0A::add-mask::z",
    "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}gnp\u{200b}",
    "\n::set-output name=x::y\n##[set-env name=x]y\n",
];

/// Everything of [`everything`] with hostile names and values.
pub fn hostile() -> Plan {
    let mut plan = everything();
    let all = || HOSTILE.join(" ");
    plan.stack = all();
    plan.cluster.endpoint = all();
    plan.source.commit = Some(all());
    plan.source.files[0].path = all();
    plan.base = Base {
        standing: Standing::Recorded,
        release: Some(1),
        applied_by: Some(all()),
        at: Some("2026-11-17T12:00:00Z".to_owned()),
        commit: Some(all()),
    };
    for (index, change) in plan.changes.iter_mut().enumerate() {
        change.key = HOSTILE[index % HOSTILE.len()].to_owned();
        change.name = all();
        change.after = BTreeMap::from([(all(), DependsOnCondition::Healthy)]);
        change.reasons = vec![all()];
        change.content_diff =
            change.content_diff.take().map(|_| format!(" {}\n-{}\n", HOSTILE.join("\n "), HOSTILE.join("\n+")));
        if let Some(health) = &mut change.health {
            health.update_state = Some(all());
        }
        if let Some(rollout) = &mut change.rollout {
            (rollout.order, rollout.failure_action) = (all(), all());
        }
        for (index, field) in change.fields.iter_mut().enumerate() {
            let value = HOSTILE[index % HOSTILE.len()];
            field.path = crate::swarm::join(if index.is_multiple_of(2) { "/environment" } else { "" }, value);
            field.after = Some(value.into());
        }
    }
    plan.orphans[0].name = all();
    plan.preflight.push(Diagnostic::error(code::DOES_NOT_FIT, all()).help(all()));
    plan.diagnostics.push(Diagnostic::warning(code::DOES_NOT_FIT, all()).help(all()));
    plan
}

/// One that fits, and one that does not.
fn placements() -> Vec<Placement> {
    let spot = |name: &str, min, max| (name.to_owned(), Range { min, max });
    let web = Placement {
        service: "web".to_owned(),
        verdict: Verdict::Fits,
        tasks: 5,
        placed: Range { min: 5, max: 5 },
        counts: vec![Range { min: 2, max: 3 }, Range { min: 1, max: 2 }, Range { min: 1, max: 1 }],
        nodes: vec![spot("node-1", 1, 3), spot("node-2", 1, 3), spot("node-4", 1, 3)],
        peak: Some(Peak { tasks: 7, nodes: vec![spot("node-1", 2, 3), spot("node-2", 2, 3), spot("node-4", 2, 3)] }),
        refused: Vec::new(),
        says: None,
        hangs: false,
        exact: true,
    };
    let memory = Reason::Memory { wanted: 2 << 30, free: 1_288_490_188 };
    let constraint = Reason::Constraint("node.labels.disk == ssd".to_owned());
    let refusal =
        |hostname: &str, reason: &Reason| Refusal { hostname: hostname.to_owned(), reasons: vec![reason.clone()] };
    let worker = Placement {
        service: "worker".to_owned(),
        verdict: Verdict::DoesNotFit,
        tasks: 6,
        placed: Range { min: 4, max: 4 },
        counts: vec![Range { min: 4, max: 4 }],
        nodes: vec![spot("node-3", 4, 4)],
        peak: None,
        refused: vec![refusal("node-1", &constraint), refusal("node-3", &memory)],
        says: Some(
            "no suitable node (insufficient resources on 1 node; scheduling constraints not satisfied on 1 node)"
                .to_owned(),
        ),
        ..web.clone()
    };
    vec![web, worker]
}

/// A plan with nothing to do.
pub fn nothing() -> Plan {
    Plan {
        id: "p-6c1f90ab22e4aaaaaaaaaaaaaaaaaaaa".to_owned(),
        decision: Default::default(),
        ground: Default::default(),
        stack: "getstartedlab".to_owned(),
        cluster: Cluster {
            id: "k171g3a7xxxxxxxxxxxxxxxxx".to_owned(),
            endpoint: "tcp://10.0.0.5:2376".to_owned(),
            engine_version: "20.10.24".to_owned(),
            api_version: "1.41".to_owned(),
            managers: 3,
            nodes: 5,
        },
        against: Default::default(),
        source: Source {
            release: None,
            files: vec![SourceDigest { path: "docker-compose.yml".to_owned(), sha256: "00".repeat(32) }],
            commit: Some("4f1c2aa".to_owned()),
            dirty: false,
        },
        base: Base::default(),
        exact: true,
        targeted: false,
        summary: Summary { unchanged: 6, services: 6, tasks_running: 17, tasks_desired: 17, ..Summary::default() },
        changes: Vec::new(),
        orphans: Vec::new(),
        drift: Vec::new(),
        placement: Vec::new(),
        preflight: Default::default(),
        diagnostics: Default::default(),
    }
}

/// The document of a plan over [`sources`].
pub fn document(plan: &Plan) -> Document {
    swept_document(plan, &nothing_to_hide)
}

/// The same, through a sweep.
pub fn swept_document(plan: &Plan, scrub: Scrub) -> Document {
    let at = "2026-11-20T12:00:00Z".parse().unwrap();
    Document::new(
        plan,
        &Circumstances {
            sources: &sources(),
            warned: &[],
            named_by: Some("argument"),
            created: at,
            taken: Some(at),
            scrub,
        },
    )
}
