//! Files made to hurt: an answer comes soon, and it is a diagnostic.

use std::time::Duration;

use super::{Memory, busy, read, shown};
use crate::compose::{Loaded, silence};

fn problems(text: &str) -> Vec<String> {
    problems_with(text, &Memory::default())
}

fn problems_with(text: &str, files: &Memory) -> Vec<String> {
    let start = busy();
    let (loaded, sources) = read(&[text], &[], files);
    let diagnostics = silence(loaded.diagnostics, &sources, loaded.stack.is_some());
    let took = busy() - start;
    assert!(took < Duration::from_secs(20), "{took:?}");
    shown(&Loaded { diagnostics, ..loaded }, &sources)
}

#[test]
fn an_alias_bomb_is_defused() {
    let mut text = String::from("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(", ");
        text += &format!("x-{i}: &a{i} [{aliases}]\n");
    }
    let found = problems(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("SU0108"), "{found:?}");
}

#[test]
fn long_texts_count_too() {
    let text = format!("x-a: &a \"{}\"\nx-b: [{}*a]\n", "y".repeat(1 << 20), "*a, ".repeat(100));
    assert!(problems(&text)[0].starts_with("SU0108"));
}

#[test]
fn deep_files_are_refused() {
    let text = format!("x-a: {}1{}\n", "[".repeat(200), "]".repeat(200));
    assert!(problems(&text)[0].starts_with("SU0109"));
    let text = format!("x-a:\n  {}1\n", "- ".repeat(5000));
    assert!(problems(&text)[0].starts_with("SU0109"));
    // Each alias adds the depth of its anchor.
    let mut text = format!("x-0: &a0 {}1{}\n", "[".repeat(60), "]".repeat(60));
    text += &format!("x-1: {}*a0{}\n", "[".repeat(60), "]".repeat(60));
    assert!(problems(&text)[0].starts_with("SU0109"));
}

#[test]
fn fifty_megabytes_are_refused_unread() {
    let found = problems(&"# nothing\n".repeat(5_000_000));
    assert_eq!(found, ["SU0102 0.yml:1:1"]);
}

#[test]
fn a_hundred_thousand_keys_are_read() {
    let mut text = String::from("services:\n  a:\n    image: i\n    labels:\n");
    for i in 0..100_000 {
        text += &format!("      k{i}: v\n");
    }
    let (loaded, _) = read(&[&text], &[], &Memory::default());
    assert_eq!(loaded.stack.unwrap().services["a"].labels.len(), 100_000);
}

#[test]
fn line_ends_and_marks_of_other_systems_are_read() {
    let text = "\u{FEFF}services:\r\n  a:\r\n    image: \"é\"\r\n    bad: 1\r\n";
    let found = problems(text);
    assert_eq!(found, ["SU0212 0.yml:3:12", "SU0201 0.yml:4:5"]);
}

#[test]
fn files_made_of_tiny_values_are_refused() {
    let text = format!("x-t: [{}1]\n", "1,".repeat(600_000));
    assert_eq!(problems(&text)[0].split(' ').next(), Some("SU0118"));
    // Each list starts on the same endless line.
    let text = format!("services: {{a: {{image: \"b:1\"}}}}\nx-t: [{}1]\n", "[],".repeat(200_000));
    assert_eq!(problems(&text), [""; 0]);
}

#[test]
fn a_hundred_thousand_mistakes_are_counted() {
    let mut text = String::from("services:\n  a:\n    image: b:1\n");
    for i in 0..100_000 {
        text += &format!("    imag{i}: 1\n");
    }
    let found = problems(&text);
    assert_eq!(found.len(), 5_001);
    assert_eq!(found[0], "SU0119");
}

#[test]
fn ranges_of_ports_are_counted_out() {
    let ports = "\"1-65535:1-65535\"";
    let text = format!("services:\n  a:\n    image: b:1\n    ports: [{}{ports}]\n", format!("{ports}, ").repeat(1_000));
    assert!(problems(&text).iter().any(|p| p.starts_with("SU0118")));
}

#[test]
fn a_long_chain_of_dependencies_is_followed() {
    let mut text = String::from("services:\n  s30000: {image: a:1}\n");
    for i in 0..30_000 {
        text += &format!("  s{i}: {{image: a:1, depends_on: [s{}]}}\n", i + 1);
    }
    assert_eq!(problems(&text), [""; 0]);
}

/// `SU0118 0.yml:1` or the like for the first problem, and how many there are.
fn first(found: &[String]) -> (&str, usize) {
    (found.first().map_or("", |f| f.rsplit_once(':').map_or(f, |(place, _)| place)), found.len())
}

#[test]
fn a_service_that_thousands_extend_is_not_copied_for_ever() {
    let labels: String = (0..100_000).map(|i| format!("      k{i}: v\n")).collect();
    let more: String = (0..40_000).map(|i| format!("  s{i}: {{extends: b}}\n")).collect();
    let found = problems(&format!("services:\n  b:\n    image: a:1\n    labels:\n{labels}{more}"));
    assert!(found.iter().any(|p| p.starts_with("SU0118 0.yml")), "{:?}", first(&found));
}

#[test]
fn a_file_whose_services_extend_those_of_the_file_itself_is_read_once() {
    let services: String = (0..3_000)
        .map(|i| format!("  s{i}: {{image: a:1, extends: {{file: a.yml, service: s{}}}}}\n", i + 1))
        .collect();
    let text = format!("services:\n{services}");
    let found = problems_with(&text, &Memory::default().with("/stack/a.yml", &text));
    assert!(found.iter().all(|p| p.starts_with("SU0232 ")), "{:?}", first(&found));
}

#[test]
fn includes_that_multiply_come_to_an_end() {
    let mut files = Memory::default();
    for i in 0..19 {
        let ten = vec![format!("inc{}.yml", i + 1); 10].join(", ");
        files = files.with(&format!("/stack/inc{i}.yml"), &format!("include: [{ten}]\n"));
    }
    files = files.with("/stack/inc19.yml", "x-a: 1\n");
    let found = problems_with("include: [inc0.yml]\n", &files);
    assert!(found.iter().any(|p| p.starts_with("SU0101 ")), "{:?}", first(&found));
    let many = format!("include:\n{}", "- inc19.yml\n".repeat(100_000));
    let found = problems_with(&many, &files);
    assert!(found.iter().any(|p| p.starts_with("SU0101 0.yml:10002:")), "{:?}", first(&found));
}

#[test]
fn files_that_all_services_name_are_counted_each_time() {
    let variables: String = (0..10_000).map(|i| format!("K{i}=v\n")).collect();
    let files = Memory::default().with("/stack/big.env", &variables).with("/stack/big", &"x".repeat(500_000));
    let services: String = (0..5_000).map(|i| format!("  s{i}: {{image: a:1, env_file: big.env}}\n")).collect();
    let found = problems_with(&format!("services:\n{services}"), &files);
    assert_eq!(first(&found), ("SU0118 0.yml:51", 1));
    let secrets: String = (0..20_000).map(|i| format!("  s{i}: {{file: big}}\n")).collect();
    let found = problems_with(&format!("services: {{a: {{image: a:1}}}}\nsecrets:\n{secrets}"), &files);
    assert!(found.iter().any(|p| p.starts_with("SU0101 0.yml:")), "{:?}", first(&found));
}

#[test]
fn an_env_file_is_a_small_text() {
    let text = "services: {a: {image: a:1, env_file: [big.env]}}\n";
    let large = Memory::default().with("/stack/big.env", &"A=1\n".repeat(3 << 20));
    assert_eq!(problems_with(text, &large), ["SU0102 0.yml:1:39"]);
    let binary = Memory::default().with("/stack/big.env", "A=1\n\0\0\0");
    assert_eq!(problems_with(text, &binary), ["SU0222 0.yml:1:39"]);
}

#[test]
fn a_hundred_thousand_comments_are_looked_at_once() {
    let services = "services:\n  a:\n    image: a:1\n";
    let comments = "# stackup: allow(SU0401)\n".repeat(100_000);
    assert_eq!(problems(&format!("{comments}{services}")).len(), 5_000);
    let texts = "- 'a' # stackup: allow(SU0401)\n".repeat(100_000);
    assert_eq!(problems(&format!("{services}x-a:\n{texts}")).len(), 5_000);
    let codes = "x,".repeat(500_000);
    assert!(problems(&format!("# stackup: allow({codes})\n{services}")).len() < 1_000);
}

#[test]
fn fifty_thousand_services_without_an_image_are_counted() {
    let services: String = (0..50_000).map(|i| format!("  s{i}: {{tty: true}}\n")).collect();
    assert_eq!(problems(&format!("services:\n{services}")).len(), 5_001);
}

#[test]
fn a_circle_of_thousands_is_said_in_a_line() {
    let services: String =
        (0..5_000).map(|i| format!("  s{i}: {{image: a:1, depends_on: [s{}]}}\n", (i + 1) % 5_000)).collect();
    let (loaded, _) = read(&[&format!("services:\n{services}")], &[], &Memory::default());
    let message = &loaded.diagnostics.iter().next().unwrap().message;
    assert!(message.starts_with("5000 services wait for each other: s0 → s1 → "), "{message}");
    assert!(message.ends_with(" → s9 → … → s0"), "{message}");
}

#[test]
fn a_long_row_of_services_that_extend_each_other_is_no_circle() {
    let services: String = (0..30).map(|i| format!("  s{i}: {{image: a:1, extends: s{}}}\n", i + 1)).collect();
    let (loaded, _) = read(&[&format!("services:\n{services}  s30: {{image: a:1}}\n")], &[], &Memory::default());
    let message = &loaded.diagnostics.iter().next().unwrap().message;
    assert_eq!(message, "more than 20 services extend each other in a row");
}

#[test]
fn a_long_row_of_files_that_include_each_other_is_no_circle() {
    let files = (0..30).fold(Memory::default(), |files, i| {
        files.with(&format!("/stack/inc{i}.yml"), &format!("include: [inc{}.yml]\n", i + 1))
    });
    let (loaded, _) = read(&["include: [inc0.yml]\n"], &[], &files);
    let message = &loaded.diagnostics.iter().next().unwrap().message;
    assert_eq!(message, "more than 20 files include each other in a row");
}
