//! `status` for people.

use jiff::Timestamp;

use super::{Theme, Tone, table};
use crate::app::look::{Health, ServiceStatus, StackStatus, ago_between};

/// The whole view, a line a service, beneath it what is wrong.
pub fn status(stack: &StackStatus, now: Timestamp, theme: &Theme) -> String {
    let rows: Vec<String> = stack.services.iter().map(|s| row(s, now)).collect();
    let laid = table::align(&format!("SERVICE\tMODE\tRUNNING\tHEALTH\tIMAGE\tLAST UPDATE\n{}\n", rows.join("\n")));
    let mut lines = laid.lines();
    let mut text = format!("{}\n\n{}\n", heading(stack), lines.next().unwrap_or_default().trim_end());
    for (service, line) in stack.services.iter().zip(lines) {
        text.push_str(&theme.paint(tone(service.health), line.trim_end()));
        text.push('\n');
        if !service.update_message.is_empty() {
            text.push_str(&format!("    {}\n", service.update_message));
        }
        for trouble in &service.troubles {
            text.push_str(&format!("    {}\n", trouble.line(now)));
        }
    }
    text
}

/// `shop: 3 services, 5/7 tasks, 1 needs attention`
pub fn heading(stack: &StackStatus) -> String {
    let (running, wanted) = stack.tasks();
    let count = stack.services.len();
    let bad = match stack.bad() {
        0 if running < wanted => "on the way".to_owned(),
        0 => "all well".to_owned(),
        1 => "1 needs attention".to_owned(),
        n => format!("{n} need attention"),
    };
    format!("{}: {count} service{}, {running}/{wanted} tasks, {bad}", stack.stack, if count == 1 { "" } else { "s" })
}

/// One service on one line, for a log of changes.
pub fn line(service: &ServiceStatus, now: Timestamp) -> String {
    let trouble = service.troubles.first().map(|t| format!("  {}", t.line(now))).unwrap_or_default();
    let update = update(service, now);
    let update = if update.is_empty() { update } else { format!("  update {update}") };
    let health = service.health.as_str();
    format!("{}  {}/{}  {health}{update}{trouble}", service.name, service.running, service.wanted)
}

fn row(service: &ServiceStatus, now: Timestamp) -> String {
    let running = format!("{}/{}", service.running, service.wanted);
    let health = service.health.as_str();
    [&service.name, service.mode, &running, health, &service.image, &update(service, now)].join("\t")
}

fn update(service: &ServiceStatus, now: Timestamp) -> String {
    let Some((state, when)) = &service.update else { return String::new() };
    let ago = ago_between(*when, now).map(|ago| format!(" {ago}")).unwrap_or_default();
    format!("{}{ago}", state.as_str().replace('_', " "))
}

fn tone(health: Health) -> Tone {
    match health {
        Health::Down | Health::Paused | Health::Failing => Tone::Bad,
        Health::Starting | Health::Updating | Health::RolledBack => Tone::Warn,
        Health::Healthy | Health::Done => Tone::Good,
        Health::Idle => Tone::Dim,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::look::testing::{at, node, service, task};
    use crate::swarm::{TaskState, UpdateState, UpdateStatus};

    #[test]
    fn shows_what_is_wrong_beneath_its_service() {
        let mut web = service("s_web");
        (web.running, web.wanted) = (Some(0), Some(1));
        web.update = Some(UpdateStatus {
            state: UpdateState::RollbackPaused,
            started: Some(at(120)),
            completed: None,
            message: "rollback paused due to failure".into(),
        });
        let mut dead = task("t", "id-s_web", 1, "n1");
        (dead.state, dead.error) = (TaskState::Failed, "task: non-zero exit (3)".into());
        let seen = crate::app::look::status("s", &[web, service("s_db")], &[dead], &[node("n1")]);
        let expected = [
            "s: 2 services, 1/2 tasks, 1 needs attention",
            "",
            "SERVICE   MODE         RUNNING   HEALTH    IMAGE        LAST UPDATE",
            "web       replicated   0/1       paused    acme/web:1   rollback paused 2 minutes ago",
            "    rollback paused due to failure",
            "    web.1 failed 5 seconds ago on host-n1: task: non-zero exit (3)",
            "db        replicated   1/1       healthy   acme/web:1",
            "",
        ];
        assert_eq!(status(&seen, at(0), &Theme::default()), expected.join("\n"));
        let said = line(&seen.services[0], at(0));
        assert!(said.starts_with("web  0/1  paused  update rollback paused 2 minutes ago  web.1 failed"), "{said}");
    }

    #[test]
    fn a_stack_on_its_way_is_not_well_yet() {
        let mut web = service("s_web");
        web.running = Some(0);
        let seen = crate::app::look::status("s", &[web], &[], &[]);
        assert_eq!(heading(&seen), "s: 1 service, 0/1 tasks, on the way");
    }
}
