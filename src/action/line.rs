//! The command line that an input file comes to. Values follow `=` or `--`, so none of them is taken for a flag.

use std::path::Path;

use super::inputs::Inputs;

/// Flags that come before the command: the engine, and where events go.
pub fn global(inputs: &Inputs, events: &Path) -> Vec<String> {
    let mut words = vec!["stackup".to_owned(), format!("--json-into={}", events.display()), "--no-color".to_owned()];
    words.extend(inputs.host.iter().map(|host| format!("--host={host}")));
    words.extend(inputs.context.iter().map(|context| format!("--context={context}")));
    words
}

fn files(inputs: &Inputs) -> Vec<String> {
    let files = inputs.files.iter().map(|file| format!("--compose-file={file}"));
    files.chain(inputs.env_files.iter().map(|file| format!("--env-file={file}"))).collect()
}

fn planning(inputs: &Inputs) -> Vec<String> {
    let mut words = files(inputs);
    words.extend(inputs.target.iter().map(|service| format!("--target={service}")));
    words.push(format!("--resolve-image={}", inputs.resolve_image));
    if inputs.prune {
        words.push("--prune".to_owned());
    }
    words
}

fn stack(inputs: &Inputs) -> Vec<String> {
    inputs.stack.iter().flat_map(|stack| ["--".to_owned(), stack.clone()]).collect()
}

pub fn check(inputs: &Inputs) -> Vec<String> {
    [vec!["check".to_owned()], files(inputs)].concat()
}

/// `out` is where it is saved.
pub fn plan(inputs: &Inputs, out: Option<&Path>, compact: bool) -> Vec<String> {
    let mut words = [vec!["plan".to_owned()], planning(inputs)].concat();
    words.extend(out.map(|out| format!("--out={}", out.display())));
    if compact {
        words.push("--format=compact".to_owned());
    }
    [words, stack(inputs)].concat()
}

fn rollout(inputs: &Inputs) -> Vec<String> {
    let mut words = vec![format!("--on-failure={}", inputs.on_failure), "--progress=plain".to_owned()];
    words.extend(inputs.timeout.iter().map(|timeout| format!("--timeout={timeout}")));
    words
}

/// Only the plan with this id; any where it is `None`.
pub fn apply(inputs: &Inputs, id: Option<&str>) -> Vec<String> {
    let approval = id.map_or_else(|| "--auto-approve".to_owned(), |id| format!("--approve-plan={id}"));
    [vec!["apply".to_owned()], planning(inputs), rollout(inputs), vec![approval], stack(inputs)].concat()
}

/// A saved plan.
pub fn apply_file(inputs: &Inputs, file: &Path) -> Vec<String> {
    // A bare name could be a stack's.
    let file = if file.is_absolute() { file.to_owned() } else { Path::new(".").join(file) };
    [vec!["apply".to_owned()], rollout(inputs), vec!["--".to_owned(), file.display().to_string()]].concat()
}

pub fn drift(inputs: &Inputs) -> Vec<String> {
    [vec!["drift".to_owned(), "--detailed-exitcode".to_owned()], stack(inputs)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(pairs: &[(&str, &str)]) -> Inputs {
        Inputs::read(&pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()).unwrap()
    }

    #[cfg(unix)]
    #[test]
    fn no_value_becomes_a_flag() {
        let inputs = inputs(&[
            ("INPUT_STACK", "--prune"),
            ("INPUT_FILES", "-o\n--json"),
            ("INPUT_HOST", "--help"),
            ("INPUT_TARGET", "-y"),
            ("INPUT_TIMEOUT", "--no-lock"),
        ]);
        assert_eq!(
            plan(&inputs, Some(Path::new("/t/p.stackup")), false),
            [
                "plan",
                "--compose-file=-o",
                "--compose-file=--json",
                "--target=-y",
                "--resolve-image=always",
                "--out=/t/p.stackup",
                "--",
                "--prune"
            ]
        );
        assert_eq!(global(&inputs, Path::new("/e"))[3], "--host=--help");
        let words = apply(&inputs, Some("p-1"));
        assert!(words.contains(&"--timeout=--no-lock".to_owned()) && words.contains(&"--approve-plan=p-1".to_owned()));
        assert!(apply(&inputs, None).contains(&"--auto-approve".to_owned()));
        assert_eq!(apply_file(&inputs, Path::new("-x")).last().unwrap(), "./-x");
    }
}
