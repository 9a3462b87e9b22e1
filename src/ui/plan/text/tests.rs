use super::*;
use crate::plan::Plan;
use crate::plan::document::Document;
use crate::plan::document::sample::{document, everything, hostile, nothing, swept_document};
use crate::ui::theme::{Theme, columns};

fn draw(plan: &Plan, theme: Theme) -> String {
    view(&document(plan), theme, false)
}

fn view(plan: &Document, theme: Theme, compact: bool) -> String {
    PlanView { plan, compact, full: false, theme: &theme }.render()
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
    insta::assert_snapshot!(view(&document(&everything()), Theme { width: 120, ..Theme::default() }, true));
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
    let sweep = |text: &str| text.replace("acme", "***").replace("max_fails", "***").replace("reserves", "***");
    let plan = swept_document(&everything(), &sweep);
    let text = PlanView { plan: &plan, compact: false, full: true, theme: &Theme::default() }.render();
    assert!(!text.contains("acme") && !text.contains("max_fails") && !text.contains("reserves"), "{text}");
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

#[test]
fn a_document_read_again_gives_the_same_text() {
    for plan in [everything(), nothing()] {
        let written = document(&plan);
        let read: Document = serde_json::from_str(&serde_json::to_string(&written).unwrap()).unwrap();
        for full in [false, true] {
            let draw = |plan| PlanView { plan, compact: false, full, theme: &Theme::default() }.render();
            assert_eq!(draw(&read), draw(&written));
        }
    }
}

#[test]
fn no_value_acts_on_a_terminal_or_a_runner() {
    for compact in [false, true] {
        let text = view(&document(&hostile()), Theme::default(), compact);
        assert!(text.contains("set-output") && !text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}']));
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::") && !line.contains("##[")), "{text}");
    }
}
