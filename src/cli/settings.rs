//! Flags and environment, resolved once. Commands see this and nothing else of the outside.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;

use super::actor::actor;
use super::args::GlobalArgs;
use super::environment::{self as variable, Environment};
use crate::app::deliver::Actor;
use crate::app::unseal::Unseal;
use crate::engine::Address;
use crate::ui::Theme;

/// What decides how every command behaves.
#[derive(Clone)]
pub struct Settings {
    pub address: Address,
    /// STACKUP_STACK.
    pub stack: Option<String>,
    /// How standard output looks.
    pub theme: Theme,
    /// How standard error looks.
    pub error_theme: Theme,
    /// NDJSON on standard output instead of text.
    pub json: bool,
    /// NDJSON into this file, beside the text.
    pub json_into: Option<PathBuf>,
    pub quiet: bool,
    /// A CI system runs us.
    pub ci: bool,
    /// Somebody can answer a question.
    pub interactive: bool,
    /// Rows can be redrawn in place on standard error.
    pub live: bool,
    /// Who runs this, for locks and releases.
    pub actor: Actor,
    /// Where this person's own files are.
    pub home: Option<String>,
    /// Keys for files that are encrypted.
    pub unseal: Unseal,
    /// The process's environment, for `${NAME}` in files.
    pub variables: BTreeMap<String, String>,
}

/// What the three standard streams are connected to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    pub input_is_terminal: bool,
    pub output_is_terminal: bool,
    pub error_is_terminal: bool,
    /// Columns of the terminal, where there is one.
    pub columns: Option<usize>,
}

impl Streams {
    pub fn of_process() -> Self {
        Self {
            input_is_terminal: std::io::stdin().is_terminal(),
            output_is_terminal: std::io::stdout().is_terminal(),
            error_is_terminal: std::io::stderr().is_terminal(),
            columns: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        }
    }
}

/// Narrower than this, columns make no sense.
const NARROWEST: usize = 40;
/// Without a terminal: what a log viewer shows without scrolling.
const WIDTH_WITHOUT_TERMINAL: usize = 120;

impl Settings {
    pub fn resolve(global: &GlobalArgs, environment: &Environment, streams: Streams) -> Self {
        let theme = |is_terminal: bool| Theme {
            color: color(global, environment, is_terminal),
            ascii: global.ascii,
            width: width(environment, streams, is_terminal),
        };
        let ci = environment.get(variable::CI).is_some_and(|value| value != "false" && value != "0");
        Self {
            address: address(global, environment),
            stack: environment.get(variable::STACKUP_STACK).map(str::to_owned),
            theme: theme(streams.output_is_terminal),
            error_theme: theme(streams.error_is_terminal),
            json: global.json,
            json_into: global.json_into.clone(),
            quiet: global.quiet,
            ci,
            interactive: streams.input_is_terminal && streams.error_is_terminal && !ci && !global.json,
            live: streams.error_is_terminal && !ci && !global.json && environment.get(variable::TERM) != Some("dumb"),
            actor: actor(environment),
            home: environment.home().map(str::to_owned),
            unseal: Unseal::with(
                environment.get(variable::SOPS_AGE_KEY_FILE).map(PathBuf::from),
                environment.get(variable::SOPS_AGE_KEY),
            ),
            variables: variables(environment),
        }
    }
}

/// No Compose file may name the key that files are opened with: whoever writes one could have it shown.
fn variables(environment: &Environment) -> BTreeMap<String, String> {
    let mut variables = environment.variables().clone();
    variables.remove(variable::SOPS_AGE_KEY.name);
    variables
}

fn address(global: &GlobalArgs, environment: &Environment) -> Address {
    let text = |variable| environment.get(variable).map(str::to_owned);
    Address {
        host: global.host.clone(),
        context: global.context.clone(),
        env_host: text(variable::DOCKER_HOST),
        env_context: text(variable::DOCKER_CONTEXT),
        tls: environment.get(variable::DOCKER_TLS).is_some(),
        tls_verify: environment.get(variable::DOCKER_TLS_VERIFY).is_some(),
        cert_path: environment.get(variable::DOCKER_CERT_PATH).map(PathBuf::from),
        config_dir: docker_folder(environment),
        api_version: text(variable::DOCKER_API_VERSION),
        ssh_options: Vec::new(),
    }
}

/// Docker's configuration and contexts store.
pub fn docker_folder(environment: &Environment) -> Option<PathBuf> {
    let named = environment.get(variable::DOCKER_CONFIG).map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(environment.home()?).join(".docker")))
}

/// `--no-color` and NO_COLOR say no, then CLICOLOR_FORCE says yes, else a terminal decides.
fn color(global: &GlobalArgs, environment: &Environment, is_terminal: bool) -> bool {
    if global.no_color || environment.get(variable::NO_COLOR).is_some() {
        return false;
    }
    if environment.get(variable::CLICOLOR_FORCE).is_some_and(|value| value != "0") {
        return true;
    }
    is_terminal && environment.get(variable::TERM) != Some("dumb")
}

fn width(environment: &Environment, streams: Streams, is_terminal: bool) -> usize {
    let asked = environment.get(variable::COLUMNS).and_then(|columns| columns.parse().ok());
    let own = streams.columns.filter(|_| is_terminal);
    asked.or(own).unwrap_or(WIDTH_WITHOUT_TERMINAL).max(NARROWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Streams =
        Streams { input_is_terminal: true, output_is_terminal: true, error_is_terminal: true, columns: Some(100) };

    #[test]
    fn no_color_beats_force_and_force_beats_a_pipe() {
        type Case = (&'static [(&'static str, &'static str)], bool, bool, bool);
        let cases: [Case; 7] = [
            (&[], false, true, true),
            (&[], false, false, false),
            (&[("NO_COLOR", "1")], false, true, false),
            (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false, true, false),
            (&[("CLICOLOR_FORCE", "1")], false, false, true),
            (&[("CLICOLOR_FORCE", "0")], false, false, false),
            (&[("CLICOLOR_FORCE", "1")], true, true, false),
        ];
        for (pairs, no_color, is_terminal, expected) in cases {
            let mut environment = BTreeMap::new();
            for (name, value) in pairs {
                environment.insert((*name).to_owned(), (*value).to_owned());
            }
            let environment = Environment::new(environment);
            let global = GlobalArgs { no_color, ..GlobalArgs::default() };
            assert_eq!(color(&global, &environment, is_terminal), expected, "{pairs:?} {no_color} {is_terminal}");
        }
    }

    #[test]
    fn width_comes_from_columns_then_the_terminal() {
        assert_eq!(width(&Environment::from([("COLUMNS", "90")]), TERMINAL, true), 90);
        assert_eq!(width(&Environment::default(), TERMINAL, true), 100);
        assert_eq!(width(&Environment::default(), TERMINAL, false), 120);
        assert_eq!(width(&Environment::from([("COLUMNS", "2")]), TERMINAL, true), 40);
    }

    #[test]
    fn nobody_is_asked_in_ci_or_without_a_terminal() {
        let global = GlobalArgs::default();
        assert!(Settings::resolve(&global, &Environment::default(), TERMINAL).interactive);
        assert!(!Settings::resolve(&global, &Environment::from([("CI", "true")]), TERMINAL).interactive);
        assert!(!Settings::resolve(&global, &Environment::default(), Streams::default()).interactive);
    }

    #[test]
    fn docker_s_configuration_is_in_the_home_unless_named() {
        use crate::system::home::VARIABLE;
        let at = |environment| address(&GlobalArgs::default(), &environment).config_dir;
        assert_eq!(at(Environment::from([(VARIABLE, "/home/a")])), Some(PathBuf::from("/home/a").join(".docker")));
        assert_eq!(at(Environment::from([(VARIABLE, "/home/a"), ("DOCKER_CONFIG", "/c")])), Some(PathBuf::from("/c")));
        assert_eq!(at(Environment::default()), None);
    }
}
