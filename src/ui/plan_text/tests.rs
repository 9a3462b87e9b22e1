use super::sample::{everything, nothing, sources};
use super::*;
use crate::plan::Plan;
use crate::ui::nothing_to_hide;
use crate::ui::theme::{Theme, columns};

fn draw(plan: &Plan, theme: Theme) -> String {
    view(plan, theme, false)
}

fn view(plan: &Plan, theme: Theme, compact: bool) -> String {
    PlanView {
        plan,
        sources: &sources(),
        named_by: Some("argument"),
        now: "2026-11-20T12:00:00Z".parse().ok(),
        compact,
        full: false,
        theme: &theme,
        scrub: &nothing_to_hide,
    }
    .render()
}

#[test]
fn everything_at_80() {
    insta::assert_snapshot!(draw(&everything(), Theme { width: 80, ..Theme::default() }));
}

#[test]
fn everything_at_120() {
    insta::assert_snapshot!(draw(&everything(), Theme { width: 120, ..Theme::default() }));
}

#[test]
fn everything_in_ascii() {
    let text = draw(&everything(), Theme { width: 80, ascii: true, ..Theme::default() });
    assert!(text.is_ascii());
    insta::assert_snapshot!(text);
}

#[test]
fn everything_in_colour() {
    insta::assert_snapshot!(
        draw(&everything(), Theme { width: 120, color: true, ..Theme::default() }).replace('\u{1b}', "^")
    );
}

#[test]
fn compact_is_one_line_a_change() {
    insta::assert_snapshot!(view(&everything(), Theme { width: 120, ..Theme::default() }, true));
}

#[test]
fn colour_adds_nothing_but_colour() {
    for width in [60, 80, 120] {
        let plain = draw(&everything(), Theme { width, ..Theme::default() });
        let coloured = draw(&everything(), Theme { width, color: true, ..Theme::default() });
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}

/// Only a value that would break when it is wrapped may be longer than the screen.
#[test]
fn nothing_exceeds_the_width_but_what_cannot_be_broken() {
    for width in [80, 100, 120, 200] {
        for ascii in [false, true] {
            let text = draw(&everything(), Theme { width, ascii, color: false });
            for line in text.lines().filter(|line| columns(line) > width) {
                assert!(line.trim().trim_start_matches("-> ").split(' ').count() == 1, "{width}: {line}");
            }
        }
    }
}

#[test]
fn no_line_ends_in_blanks() {
    let text = draw(&everything(), Theme::default());
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
}

#[test]
fn a_sensitive_value_shows_that_it_changed_and_nothing_else() {
    let mut plan = everything();
    // Even if a planner left the values in by mistake.
    for field in plan.changes.iter_mut().flat_map(|change| &mut change.fields).filter(|field| field.sensitive) {
        field.before = Some("hunter1hunter1".into());
        field.after = Some("hunter2hunter2".into());
    }
    let text = draw(&plan, Theme::default());
    assert!(text.contains("(sensitive, changed)"));
    assert!(!text.contains("hunter"));
}

#[test]
fn every_foreign_text_is_swept() {
    let sweep = |text: &str| text.replace("acme", "***").replace("max_fails", "***").replace("fits", "***");
    let plan = everything();
    let view = PlanView {
        plan: &plan,
        sources: &sources(),
        named_by: None,
        now: None,
        compact: false,
        full: true,
        theme: &Theme::default(),
        scrub: &sweep,
    };
    let text = view.render();
    assert!(!text.contains("acme") && !text.contains("max_fails") && !text.contains("fits"), "{text}");
}

#[test]
fn nothing_to_do_is_one_line() {
    assert_eq!(
        draw(&nothing(), Theme::default()),
        "No changes. getstartedlab matches docker-compose.yml (6 services, 17/17 tasks running).\n"
    );
    let mut ill = nothing();
    ill.summary.tasks_running = 15;
    ill.summary.orphan = 1;
    assert_eq!(
        draw(&ill, Theme::default()),
        "No changes. getstartedlab matches docker-compose.yml, but only 15/17 tasks of 6 services run: \
         stackup ps getstartedlab  1 orphan kept, --prune removes.\n"
    );
}

#[test]
fn a_spec_that_matches_does_not_hide_an_update_that_is_not_done() {
    let mut plan = nothing();
    plan.summary.updating = 1;
    assert_eq!(
        draw(&plan, Theme::default()),
        "No changes. getstartedlab matches docker-compose.yml, but an update is still going on (17/17 tasks run): \
         stackup status getstartedlab --follow\n"
    );
    plan.summary.paused = 1;
    assert!(draw(&plan, Theme::default()).contains("but swarm stopped an update in the middle (17/17 tasks run)"));
}

#[test]
fn a_value_cannot_forge_a_line() {
    let mut plan = nothing();
    plan.stack = "x\u{1b}[2K\nPlan: 0 create".to_owned();
    let text = draw(&plan, Theme::default());
    assert_eq!(text.lines().count(), 1);
    assert!(!text.contains('\u{1b}'));
}
