//! Whether a plan is carried out now. Asked of values alone: plan, policy, approval, time.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::settings::{OnFailure, Policy, Step};
use crate::app::apply;
use crate::plan::drift::{Origin, What};
use crate::plan::{Action, Plan};
use crate::swarm::Kind;

/// What becomes of a plan that has something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Apply,
    /// A person has to say yes; why.
    Hold(String),
    /// Not before then; why.
    Wait(Timestamp, String),
    /// It only undoes what somebody did, and that is not asked for.
    Report,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub plan: &'a Plan,
    pub policy: &'a Policy,
    /// Plan that a person approved.
    pub approved: Option<&'a str>,
    /// When the last rollout began.
    pub rolled: Option<Timestamp>,
    pub now: Timestamp,
    /// The files are those that were live before: what differs, somebody else did.
    pub same_files: bool,
}

/// A person's yes opens every gate but that of the hours.
pub fn decide(question: &Question<'_>) -> Decision {
    let Question { plan, policy, approved, rolled, now, same_files } = *question;
    let yes = approved.is_some_and(|id| plan.is_approved_by(id));
    if !yes && !policy.self_heal.unwrap_or(false) && (same_files || is_drift_alone(plan)) {
        return Decision::Report;
    }
    if !yes && let Some(why) = held(plan, policy) {
        return Decision::Hold(format!("{why}; approve it with plan id {}", plan.short_id()));
    }
    if let Some(decision) = closed(policy, now) {
        return decision;
    }
    let least = policy.min_interval.map(|period| signed(period.0));
    if let (Some(least), Some(rolled)) = (least, rolled)
        && let Ok(next) = rolled.checked_add(least)
        && next > now
    {
        return Decision::Wait(next, format!("less than {least:#} since the last rollout"));
    }
    Decision::Apply
}

/// What a policy says that nobody wrote.
pub fn on_failure(policy: &Policy) -> apply::OnFailure {
    match policy.on_failure.unwrap_or(OnFailure::Rollback) {
        OnFailure::Stop => apply::OnFailure::Stop,
        OnFailure::Rollback => apply::OnFailure::Rollback,
        OnFailure::RollbackStack => apply::OnFailure::RollbackStack,
        OnFailure::Continue => apply::OnFailure::Continue,
    }
}

pub fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn held(plan: &Plan, policy: &Policy) -> Option<String> {
    if policy.auto_apply == Some(false) {
        return Some("auto_apply is off".to_owned());
    }
    let default = vec![Step::Recreate, Step::Remove];
    let hold = policy.hold.as_ref().unwrap_or(&default);
    let steps = steps(plan);
    let words: Vec<&str> = hold.iter().filter(|step| steps.contains(&word(**step))).map(|step| word(*step)).collect();
    (!words.is_empty()).then(|| format!("it has to {}", words.join(" and ")))
}

/// What the plan does, in the policy's words. Versions of configs and secrets that go are pruned; what runs, or carries
/// traffic, is removed.
fn steps(plan: &Plan) -> BTreeSet<&'static str> {
    let mut steps = BTreeSet::new();
    for change in &plan.changes {
        steps.insert(match change.action {
            Action::Create => word(Step::Create),
            Action::Update => word(Step::Update),
            Action::Scale => word(Step::Scale),
            Action::Restart => word(Step::Restart),
            Action::Recreate => word(Step::Recreate),
            Action::Remove => word(Step::Prune),
        });
        if change.action == Action::Remove && matches!(change.kind, Kind::Service | Kind::Network) {
            steps.insert(word(Step::Remove));
        }
    }
    steps
}

fn word(step: Step) -> &'static str {
    match step {
        Step::Create => "create",
        Step::Update => "update",
        Step::Scale => "scale",
        Step::Restart => "restart",
        Step::Recreate => "recreate",
        Step::Remove => "remove",
        Step::Prune => "prune",
    }
}

/// `None` where a window is open, or there is none.
fn closed(policy: &Policy, now: Timestamp) -> Option<Decision> {
    let windows = policy.windows.as_ref()?;
    let mut next: Option<Timestamp> = None;
    for window in windows {
        match window.is_open(now) {
            Ok(true) => return None,
            Ok(false) => {}
            // A window that nobody can read stays shut.
            Err(why) => return Some(Decision::Hold(why)),
        }
        let opens = window.opens(now).ok().flatten();
        next = next.into_iter().chain(opens).min();
    }
    Some(match next {
        Some(at) => Decision::Wait(at, format!("outside its windows until {at}")),
        None => Decision::Hold("no window ever opens".to_owned()),
    })
}

/// Every change is one that somebody else made, as far as the last release can tell.
fn is_drift_alone(plan: &Plan) -> bool {
    let removed = |address: &str| {
        plan.drift.iter().any(|d| d.what == What::Removed && format!("{}/{}", d.kind.as_str(), d.key) == address)
    };
    plan.changes.iter().all(|change| {
        let fields = !change.fields.is_empty() && change.fields.iter().all(|f| f.origin == Some(Origin::Drift));
        fields || (change.action == Action::Create && removed(&change.address()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::app::load::{Request, load};
    use crate::app::place::Place;
    use crate::app::unseal::Unseal;
    use crate::compose::Environment;
    use crate::diagnostic::Diagnostics;
    use crate::plan::{Change, PlanOptions, build};
    use crate::swarm::Snapshot;
    use crate::swarm::convert::convert;

    /// A plan with changes of these kinds, each a copy of a real one.
    fn plan(actions: &[(Kind, Action)]) -> Plan {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("compose.yaml");
        std::fs::write(&file, "services: {web: {image: registry.example.org/web:1}}\n").unwrap();
        let loaded = load(&Request {
            files: vec![file.to_str().unwrap().to_owned()],
            env_files: Vec::new(),
            variables: Environment::new(),
            home: None,
            contents: true,
            interpolate: true,
            place: Place::Disk,
            unseal: Unseal::default(),
        });
        let desired = convert(loaded.stack().unwrap(), "st", &mut Diagnostics::default());
        let snapshot = Snapshot { stack: "st".into(), ..Snapshot::default() };
        let mut plan = build(&desired, &snapshot, &PlanOptions::default());
        let change = plan.changes.iter().find(|c| c.kind == Kind::Service).unwrap().clone();
        let like = |(kind, action): &(Kind, Action)| Change { kind: *kind, action: *action, ..change.clone() };
        plan.changes = actions.iter().map(like).collect();
        plan
    }

    fn policy(json: serde_json::Value) -> Policy {
        serde_json::from_value(json).unwrap()
    }

    fn question<'a>(plan: &'a Plan, policy: &'a Policy) -> Question<'a> {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        Question { plan, policy, approved: None, rolled: None, now, same_files: false }
    }

    fn says(plan: &Plan, rules: serde_json::Value) -> &'static str {
        match decide(&question(plan, &policy(rules))) {
            Decision::Apply => "apply",
            Decision::Hold(_) => "hold",
            Decision::Wait(..) => "wait",
            Decision::Report => "report",
        }
    }

    #[test]
    fn what_takes_something_away_is_held_unless_somebody_says_otherwise() {
        let restart = plan(&[(Kind::Service, Action::Create), (Kind::Service, Action::Restart)]);
        let recreate = plan(&[(Kind::Service, Action::Recreate)]);
        let remove = plan(&[(Kind::Service, Action::Remove)]);
        let old_config = plan(&[(Kind::Config, Action::Remove)]);
        for (plan, rules, expected) in [
            (&restart, json!({}), "apply"),
            (&recreate, json!({}), "hold"),
            (&remove, json!({}), "hold"),
            (&old_config, json!({}), "apply"),
            (&old_config, json!({"hold": ["prune"]}), "hold"),
            (&remove, json!({"hold": []}), "apply"),
            (&restart, json!({"hold": ["restart"]}), "hold"),
            (&restart, json!({"hold": ["scale"]}), "apply"),
            (&restart, json!({"auto_apply": false}), "hold"),
        ] {
            assert_eq!(says(plan, rules.clone()), expected, "{rules}");
        }
    }

    #[test]
    fn a_yes_is_for_one_plan_and_opens_no_window() {
        let remove = plan(&[(Kind::Service, Action::Remove)]);
        let (open, shut) = (json!({}), json!({"windows": ["Sat 10:00-12:00 UTC"]}));
        let ask = |rules: &serde_json::Value, id: &str, same_files: bool| {
            let policy = policy(rules.clone());
            decide(&Question { approved: Some(id), same_files, ..question(&remove, &policy) })
        };
        assert_eq!(ask(&open, &remove.id, false), Decision::Apply);
        assert_eq!(ask(&open, &remove.id, true), Decision::Apply);
        assert!(matches!(ask(&open, "p-0000000000000000", false), Decision::Hold(_)));
        let opens: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        assert!(matches!(ask(&shut, &remove.id, false), Decision::Wait(at, _) if at == opens));
    }

    #[test]
    fn hours_and_intervals() {
        let restart = plan(&[(Kind::Service, Action::Restart)]);
        for (windows, expected) in [
            (json!(["Fri 08:00-18:00 UTC"]), "apply"),
            (json!(["Sat 08:00-18:00 UTC", "Fri 11:00-13:00 UTC"]), "apply"),
            (json!(["Fri 13:00-14:00 UTC"]), "wait"),
            (json!([]), "hold"),
        ] {
            assert_eq!(says(&restart, json!({"windows": windows})), expected, "{windows}");
        }
        let hourly = policy(json!({"min_interval": "1h"}));
        let rolled = |at: &str| Question { rolled: Some(at.parse().unwrap()), ..question(&restart, &hourly) };
        assert_eq!(decide(&rolled("2026-11-20T11:00:00Z")), Decision::Apply);
        let next: Timestamp = "2026-11-20T12:00:01Z".parse().unwrap();
        assert!(matches!(decide(&rolled("2026-11-20T11:00:01Z")), Decision::Wait(at, _) if at == next));
    }

    #[test]
    fn what_somebody_else_did_is_reported_and_healed_where_asked() {
        let mut plan = plan(&[(Kind::Service, Action::Restart)]);
        let again = |plan: &Plan, same_files: bool, rules: serde_json::Value| {
            decide(&Question { same_files, ..question(plan, &policy(rules)) })
        };
        assert_eq!(again(&plan, true, json!({})), Decision::Report);
        assert_eq!(again(&plan, true, json!({"self_heal": true})), Decision::Apply);
        assert_eq!(again(&plan, false, json!({})), Decision::Apply);
        // The last release tells it too, where this process has not seen the stack before.
        let field = |origin: Origin| crate::plan::FieldChange {
            path: "/deploy/replicas".into(),
            op: crate::plan::Op::Replace,
            before: None,
            after: None,
            effect: crate::plan::Effect::Scale,
            sensitive: false,
            unknown: false,
            origin: Some(origin),
            span: None,
        };
        plan.changes[0].fields = vec![field(Origin::Drift)];
        assert_eq!(again(&plan, false, json!({})), Decision::Report);
        assert_eq!(again(&plan, false, json!({"self_heal": true})), Decision::Apply);
        plan.changes[0].fields = vec![field(Origin::Drift), field(Origin::Yours)];
        assert_eq!(again(&plan, false, json!({})), Decision::Apply);
    }
}
