//! Flags of every command that reads Compose files.

use super::settings::Settings;
use crate::app::load::Request;
use crate::app::place::Place;

/// Which files to read.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Files")]
pub struct FilesArgs {
    /// Compose file; repeat to add files that override it, - is standard input
    ///
    /// Default: compose.yaml, compose.yml, docker-compose.yml or docker-stack.yml in this folder, the first that is there
    #[arg(short = 'c', long = "compose-file", value_name = "FILE")]
    pub files: Vec<String>,
    /// File of variables for ${NAME}; default: .env beside the first Compose file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
}

impl FilesArgs {
    /// `contents`: read configs and secrets too.
    pub fn request(&self, settings: &Settings, contents: bool) -> Request {
        Request {
            files: self.files.clone(),
            env_files: self.env_file.clone(),
            variables: settings.variables.clone(),
            home: settings.home.clone(),
            contents,
            interpolate: true,
            place: Place::Disk,
            unseal: settings.unseal.clone(),
        }
    }
}
