//! Guards the house: who may use whom, what the pure storey may not touch, and how long a file may get.
//! `docs/architecture.md` says why.

use std::fs;
use std::path::Path;

/// Rooms from the ground up. A room uses rooms of a lower floor only; rooms on one floor do not know each other.
const ROOMS: [(&str, u8); 16] = [
    ("diagnostic", 0),
    ("compose", 1),
    ("sealed", 2),
    ("swarm", 2),
    ("plan", 3),
    ("rollout", 4),
    ("system", 5),
    ("engine", 6),
    ("git", 6),
    ("https", 6),
    ("release", 7),
    ("app", 8),
    ("ui", 9),
    ("watch", 9),
    ("action", 10),
    ("cli", 11),
];

/// The last floor of the pure storey.
const PURE: u8 = 4;

const LONGEST_FILE: usize = 600;

/// Paths that reach the world outside. Time is passed in, so a clock is one of them.
const OUTSIDE: [&[&str]; 10] = [
    &["tokio"],
    &["std", "fs"],
    &["std", "env"],
    &["std", "process"],
    &["std", "net"],
    &["std", "io", "stdin"],
    &["std", "io", "stdout"],
    &["std", "io", "stderr"],
    &["std", "os"],
    &["std", "thread"],
];

/// Addresses are values: reading one asks nobody.
const ADDRESSES: [&str; 5] = ["IpAddr", "Ipv4Addr", "Ipv6Addr", "SocketAddr", "AddrParseError"];

/// What only one system has. Test code may ask for it.
const SYSTEMS: [&[&str]; 5] =
    [&["std", "os"], &["rustix"], &["tokio", "signal"], &["tokio", "net", "windows"], &["tokio", "net", "unix"]];

/// Parts of tokio's net that only one system has, and what a `cfg` asks for to tell systems apart.
const SYSTEM_NAMES: [&str; 6] = ["unix", "windows", "UnixStream", "UnixListener", "target_os", "target_family"];

const CLOCKS: [(&str, &str); 3] = [("Instant", "now"), ("Timestamp", "now"), ("Zoned", "now")];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

#[test]
fn the_house_stands() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 20, "only {} source files found", files.len());
    let found: Vec<String> = files.iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Every `.rs` file under a folder, as (path from `src/`, text).
fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("under src");
            files.push((name.to_string_lossy().into_owned(), fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

fn floor(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// What is wrong with a file, a line each: `compose/load.rs:12: compose may not use plan`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        found.push(format!("src/{path}: {lines} lines; past {LONGEST_FILE} look for the second thing in it"));
    }
    let Some((room, inside)) = path.split_once('/') else {
        if path != "lib.rs" && path != "main.rs" {
            found.push(format!("src/{path}: belongs in a room"));
        }
        return found;
    };
    let Some(own) = floor(room) else {
        found.push(format!("src/{path}: the room {room} has no floor; give it one in tests/storeys.rs"));
        return found;
    };

    let tokens = tokens(text);
    for used in paths(&tokens) {
        if let Some(other) = room_used(&used, inside)
            && other != room
            && floor(other).is_some_and(|floor| floor >= own)
        {
            found.push(format!("src/{path}:{}: {room} may not use {other}", used.line));
        }
        if own <= PURE
            && !used.in_test
            && !is_test_file(inside)
            && let Some(what) = reaches_outside(&used)
        {
            found.push(format!("src/{path}:{}: {room} is pure and may not name {what}", used.line));
        }
        if room != "system"
            && !used.in_test
            && !is_test_file(inside)
            && let Some(what) = of_one_system(&used)
        {
            found.push(format!("src/{path}:{}: {what} differs between systems; only system may name it", used.line));
        }
        if used.segments.first().is_some_and(|first| first == "bollard") && room != "engine" {
            found.push(format!("src/{path}:{}: only engine knows the Engine API", used.line));
        }
    }
    found
}

/// Test code may read fixtures and look at a clock; it may still not use rooms above.
fn is_test_file(inside: &str) -> bool {
    inside.split('/').any(|part| part == "tests" || part.ends_with("tests.rs"))
}

/// The room that a path leads to: `crate::plan::…`, or as many `super` as it takes to get there.
fn room_used<'a>(used: &'a Used, inside: &str) -> Option<&'a str> {
    let depth = inside.split('/').count() + usize::from(!inside.ends_with("mod.rs"));
    let supers = used.segments.iter().take_while(|segment| *segment == "super").count();
    let at = if used.segments.first()? == "crate" || supers >= depth { supers.max(1) } else { return None };
    used.segments.get(at).map(String::as_str)
}

/// Something that not every system has, or a question which system this is.
fn of_one_system(used: &Used) -> Option<String> {
    let segments: Vec<&str> = used.segments.iter().map(String::as_str).collect();
    let named = (used.in_cfg || segments.starts_with(&["tokio", "net"]))
        && segments.last().is_some_and(|last| SYSTEM_NAMES.contains(last));
    let reached = SYSTEMS.iter().any(|system| segments.starts_with(system));
    (named || reached).then(|| segments.join("::"))
}

fn reaches_outside(used: &Used) -> Option<String> {
    let segments: Vec<&str> = used.segments.iter().map(String::as_str).collect();
    let last = segments.last()?;
    if used.is_macro {
        return PRINTING.contains(last).then(|| format!("{last}!"));
    }
    let clock = segments.windows(2).any(|pair| CLOCKS.iter().any(|(kind, call)| pair == [*kind, *call]));
    let outside = OUTSIDE.iter().any(|outside| segments.starts_with(outside));
    let address = segments.starts_with(&["std", "net"]) && ADDRESSES.iter().any(|address| segments.contains(address));
    (clock || segments.contains(&"SystemTime") || outside && !address).then(|| segments.join("::"))
}

/// A path that the source names, with the groups of `use` written out.
#[derive(Debug)]
struct Used {
    segments: Vec<String>,
    line: usize,
    is_macro: bool,
    in_test: bool,
    in_cfg: bool,
}

#[derive(Debug, PartialEq)]
struct Token {
    text: String,
    line: usize,
}

/// Names, `::` and single signs; comments, strings and characters are left out.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let (mut tokens, mut i, mut line) = (Vec::new(), 0, 1);
    while i < chars.len() {
        let start = i;
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= chars.len() {
                        break;
                    }
                }
            }
            '"' => i = after_string(&chars, i),
            'r' | 'b' | 'c' if string_prefix(&chars, i).is_some() => {
                i = string_prefix(&chars, i).unwrap_or(i + 1);
            }
            // A character, and not a lifetime.
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            }
            sign if sign.is_alphanumeric() || sign == '_' => {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                tokens.push(Token { text: chars[start..i].iter().collect(), line });
            }
            ':' if at(i + 1) == ':' => {
                tokens.push(Token { text: "::".to_owned(), line });
                i += 2;
            }
            sign => {
                if !sign.is_whitespace() {
                    tokens.push(Token { text: sign.to_string(), line });
                }
                i += 1;
            }
        }
        line += chars[start..i.min(chars.len())].iter().filter(|sign| **sign == '\n').count();
    }
    tokens
}

/// Behind the closing quote of a string that starts here.
fn after_string(chars: &[char], open: usize) -> usize {
    let mut i = open + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// Behind a raw, byte or C string, if one starts here: `r"…"`, `br#"…"#`, `b"…"`.
fn string_prefix(chars: &[char], start: usize) -> Option<usize> {
    if start > 0 && (chars[start - 1].is_alphanumeric() || chars[start - 1] == '_') {
        return None;
    }
    let mut i = start;
    while matches!(chars.get(i), Some('b' | 'c' | 'r')) && i < start + 2 {
        i += 1;
    }
    let raw = chars[start..i].contains(&'r');
    let hashes = chars[i..].iter().take_while(|sign| **sign == '#').count();
    if chars.get(i + hashes) != Some(&'"') || hashes > 0 && !raw {
        return None;
    }
    if !raw {
        return Some(after_string(chars, i));
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = i + hashes + 1;
    let length = chars[body..].windows(end.len()).position(|window| window == end)?;
    Some(body + length + end.len())
}

/// Every path in the tokens. Single names are paths too: macros and imported names matter.
fn paths(tokens: &[Token]) -> Vec<Used> {
    let (mut found, mut i) = (Vec::new(), 0);
    let (mut depth, mut test_ends_at) = (0_usize, None);
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let (mut test_announced, mut cfg_ends_at) = (false, 0);
    while i < tokens.len() {
        match text(i) {
            "#" if (1..7).map(|n| text(i + n)).eq(["[", "cfg", "(", "test", ")", "]"]) => {
                test_announced = true;
                i += 7;
            }
            "{" => {
                depth += 1;
                if std::mem::take(&mut test_announced) && test_ends_at.is_none() {
                    test_ends_at = Some(depth);
                }
                i += 1;
            }
            "}" => {
                if test_ends_at == Some(depth) {
                    test_ends_at = None;
                }
                depth = depth.saturating_sub(1);
                i += 1;
            }
            ";" => {
                test_announced = false;
                i += 1;
            }
            name if is_name(name) => {
                if matches!(name, "cfg" | "cfg_attr") {
                    cfg_ends_at = after_parentheses(tokens, i + 1 + usize::from(text(i + 1) == "!"));
                }
                let (from, in_cfg) = (found.len(), i < cfg_ends_at);
                i = path(tokens, i, &[], &mut found);
                for used in &mut found[from..] {
                    used.in_test = test_ends_at.is_some() || test_announced;
                    used.in_cfg = in_cfg;
                }
            }
            _ => i += 1,
        }
    }
    found
}

/// Behind the `)` of a `(` that stands at `i`; `i` where none does.
fn after_parentheses(tokens: &[Token], i: usize) -> usize {
    let mut depth = 0_usize;
    for (n, token) in tokens.iter().enumerate().skip(i) {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if n == i { i } else { n + 1 };
        }
    }
    i
}

fn is_name(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_alphabetic() || sign == '_')
}

/// Reads one path from `i`, writes out its group if it has one, and returns where it ends.
fn path(tokens: &[Token], mut i: usize, before: &[String], found: &mut Vec<Used>) -> usize {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let line = tokens.get(i).map_or(0, |token| token.line);
    let mut segments = before.to_vec();
    while is_name(text(i)) {
        segments.push(text(i).to_owned());
        i += 1;
        if text(i) != "::" {
            break;
        }
        i += 1;
        if text(i) == "{" {
            i += 1;
            while i < tokens.len() && text(i) != "}" {
                i = if is_name(text(i)) { path(tokens, i, &segments, found) } else { i + 1 };
            }
            return i + 1;
        }
    }
    let is_macro = text(i) == "!" && text(i + 1) != "=";
    found.push(Used { segments, line, is_macro, in_test: false, in_cfg: false });
    i
}

#[test]
fn a_room_may_not_use_one_above_or_beside_it() {
    let cases = [
        ("compose/load.rs", "use crate::plan::Plan;", "src/compose/load.rs:1: compose may not use plan"),
        (
            "compose/load.rs",
            "\nuse crate::{diagnostic::Span, plan::{Plan, Change}};",
            "load.rs:2: compose may not use plan",
        ),
        ("swarm/convert/mod.rs", "fn f(p: &crate::rollout::Verdict) {}", "swarm may not use rollout"),
        ("engine/reader.rs", "use crate::git;", "engine may not use git"),
        ("git/mod.rs", "use crate::engine::Reader;", "git may not use engine"),
        ("ui/text.rs", "use crate::cli::Settings;", "ui may not use cli"),
        ("compose/mod.rs", "use super::swarm::Desired;", "compose may not use swarm"),
        ("compose/model/stack.rs", "use super::super::super::app::Outcome;", "compose may not use app"),
        ("plan/diff.rs", "#[cfg(test)] mod tests { use crate::engine::Reader; }", "plan may not use engine"),
        ("attic/mod.rs", "", "the room attic has no floor"),
        ("helpers.rs", "", "belongs in a room"),
        ("app/mod.rs", "use bollard::Docker;", "only engine knows the Engine API"),
    ];
    for (path, text, expected) in cases {
        let found = violations(path, text);
        assert!(
            found.iter().any(|line| line.contains(expected)),
            "{path}: {text}\n  expected {expected}\n  found {found:?}"
        );
    }
}

#[test]
fn the_pure_storey_reaches_nothing_outside() {
    let sources = [
        "use tokio::sync::Mutex;",
        "async fn f() { tokio::time::sleep(d).await }",
        "use std::fs;",
        "use std::{collections::BTreeMap, env};",
        "let x = std::process::id();",
        "use std::net::TcpStream;",
        "println!(\"hello\");",
        "std::eprintln!(\"hello\");",
        "use std::time::SystemTime;",
        "let now = Instant::now();",
        "let now = std::time::Instant::now();",
        "let now = jiff::Timestamp::now();",
        "use std::{time::Duration, io::{stdin, Read}};",
        "fn a() {} #[cfg(test)] mod tests { fn b() {} } fn c() { std::env::var(\"X\"); }",
        "#[cfg(test)] mod tests; use std::fs::File;",
    ];
    for text in sources {
        for path in ["diagnostic/span.rs", "rollout/step.rs"] {
            let found = violations(path, text);
            assert!(found.iter().any(|line| line.contains("is pure and may not name")), "{text}: {found:?}");
        }
        assert_eq!(violations("engine/reader.rs", text), Vec::<String>::new(), "effects may: {text}");
    }
}

#[test]
fn only_one_room_knows_which_system_this_is() {
    for text in [
        "use std::os::unix::fs::PermissionsExt as _;",
        "use std::os::windows::fs::MetadataExt;",
        "fn f() { rustix::process::getpid(); }",
        "use tokio::signal::unix::signal;",
        "use tokio::signal;",
        "use tokio::net::{TcpStream, UnixStream};",
        "#[cfg(unix)] fn f() {}",
        "#[cfg(not(windows))] fn f() {}",
        "fn f() -> bool { cfg!(target_os = \"linux\") }",
        "#[cfg(test)] mod tests { fn b() {} } #[cfg(unix)] fn c() {}",
    ] {
        for path in ["engine/reader.rs", "cli/plan.rs"] {
            let found = violations(path, text);
            assert!(found.iter().any(|line| line.contains("only system may name it")), "{text}: {found:?}");
        }
        assert_eq!(violations("system/file.rs", text), Vec::<String>::new(), "{text}");
    }
    for text in [
        "#[cfg(test)] mod tests { #[cfg(unix)] fn b() {} }",
        "#[cfg(test)]\n#[cfg(unix)]\nmod tests { use std::os::unix::fs::symlink; }",
    ] {
        assert_eq!(violations("engine/reader.rs", text), Vec::<String>::new(), "tests may: {text}");
    }
    assert!(
        !violations("plan/diff.rs", "use crate::system::host;").is_empty(),
        "what is decided is the same everywhere"
    );
}

#[test]
fn a_file_has_at_most_600_lines() {
    assert_eq!(violations("plan/diff.rs", &"\n".repeat(600)), Vec::<String>::new());
    assert_eq!(violations("plan/diff.rs", &"\n".repeat(601)).len(), 1);
}

#[test]
fn what_is_allowed_is_not_reported() {
    let cases = [
        ("plan/diff.rs", "use crate::{compose::model::Stack, swarm::{Kind, Snapshot}};\nuse super::model::Plan;"),
        ("plan/diff.rs", "// use crate::engine::Reader;\n/* println!() /* nested */ std::fs */"),
        (
            "plan/diff.rs",
            "let a = \"std::fs \\\" tokio::spawn\"; let b = r#\"crate::cli \"quoted\" \"#; let c = b\"tokio::x\";",
        ),
        ("plan/diff.rs", "let quote = '\"'; let x: &'static str = y; let escaped = '\\''; let z = '\\u{1F600}';"),
        ("plan/diff.rs", "use std::net::{IpAddr, Ipv4Addr};"),
        (
            "plan/diff.rs",
            "#[cfg(test)]\nmod tests {\n  use std::fs;\n  fn f() { println!(\"{}\", fs::read(\"x\")) }\n}",
        ),
        ("plan/tests.rs", "use std::fs;"),
        ("plan/diff.rs", "fn print(env: Env) { if print != env { process(fs) } }"),
        ("plan/diff.rs", "let version = env!(\"CARGO_PKG_VERSION\"); write!(out, \"x\");"),
        ("cli/mod.rs", "use crate::{app, compose, engine, git, ui}; use std::env;"),
        ("rollout/step.rs", "mod tests { use super::super::state::State; }"),
    ];
    for (path, text) in cases {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
