//! `scripts/action-install`: nothing runs that is not what was asked for.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::action::{Job, environment_file};
use serde_json::json;

type Installed = (i32, String, std::collections::BTreeMap<String, String>);

fn install(version: &str, sha256: &str, releases: &str) -> Installed {
    install_with(version, sha256, releases, &[("INPUT_ATTESTATION", "off")])
}

fn install_with(version: &str, sha256: &str, releases: &str, more: &[(&str, &str)]) -> Installed {
    let job = Job::new("push", &json!({}));
    let output = job.folder.path().join("output");
    std::fs::write(&output, "").unwrap();
    let done = Command::new(format!("{}/scripts/action-install", env!("CARGO_MANIFEST_DIR")))
        .env_clear()
        .envs(&job.environment)
        .env("GITHUB_OUTPUT", &output)
        .env("INPUT_VERSION", version)
        .env("INPUT_SHA256", sha256)
        .env("STACKUP_ACTION_RELEASES", releases)
        .envs(more.iter().copied())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let outputs = environment_file(&std::fs::read_to_string(&output).unwrap());
    if let Some(bin) = outputs.get("bin") {
        let ran = Command::new(bin).arg("--version").output().unwrap();
        assert!(String::from_utf8_lossy(&ran.stdout).starts_with("stackup "), "{ran:?}");
    }
    (done.status.code().unwrap(), said, outputs)
}

/// A small program in place of the large one.
fn program(folder: &Path) -> PathBuf {
    let path = folder.join("program");
    let script = concat!(
        "#!/bin/sh\ncase $1 in\n--version) echo 'stackup ",
        env!("CARGO_PKG_VERSION"),
        "' ;;\nman) echo '.TH stackup 1' ;;\nesac\n"
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Releases as a folder, and the SHA-256 of the archive in it.
fn release(version: &str) -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(format!("v{version}"));
    std::fs::create_dir(&place).unwrap();
    let machine = String::from_utf8(Command::new("uname").arg("-m").output().unwrap().stdout).unwrap();
    // Packed as a release is, under the version that is asked for.
    let target = format!("{}-unknown-linux-musl", machine.trim());
    let made = Command::new(format!("{}/scripts/release-archive", env!("CARGO_MANIFEST_DIR")))
        .args([program(folder.path()).to_str().unwrap(), &target, place.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let packed = String::from_utf8(made.stdout).unwrap();
    let archive = place.join(format!("stackup-{version}-{target}.tar.gz"));
    std::fs::rename(packed.trim(), &archive).unwrap();
    let sum = Command::new("sha256sum").arg(&archive).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap()[..64].to_owned();
    let url = format!("file://{}", folder.path().display());
    (folder, url, sum)
}

#[test]
fn an_archive_is_the_same_again_and_its_sums_are_checked_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, args: &[&str]| {
        let done = Command::new(format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR"))).args(args).output().unwrap();
        (
            done.status.success(),
            format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)),
        )
    };
    let here = folder.path().to_str().unwrap();
    let programs = tempfile::tempdir().unwrap();
    let bin = program(programs.path());
    let bin = bin.to_str().unwrap();
    let (made, path) = script("release-archive", &[bin, "any-target", here]);
    assert!(made, "{path}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(path.trim().ends_with(&format!("/stackup-{version}-any-target.tar.gz")), "{path}");
    let first = std::fs::read(path.trim()).unwrap();
    script("release-archive", &[bin, "any-target", here]);
    assert!(first == std::fs::read(path.trim()).unwrap(), "other bytes the second time");
    let listed = Command::new("tar").args(["-tzf", path.trim()]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for name in ["stackup\n", "stackup.1\n", "LICENSE-MIT\n"] {
        assert!(listed.contains(name), "{listed}");
    }
    assert!(script("release-sums", &[here]).0 && script("release-sums", &[here]).0);
    let check =
        || Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(here).output().unwrap();
    assert!(check().status.success(), "{:?}", check());
    std::fs::write(path.trim(), "other").unwrap();
    assert!(!check().status.success());
    // Nothing is released from this tree: its changelog has no such section.
    for (tag, words) in [("0.1.0", "is not v1.2.3"), ("v99.0.0", "Cargo.toml"), ("v1.2.3;id", "is not v1.2.3")] {
        let (done, said) = script("release-version", &[tag]);
        assert!(!done && said.contains(words), "{tag}: {said}");
    }
}

#[test]
fn a_client_for_windows_is_a_zip_and_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let bin = program(folder.path());
    let pack = |into: &str| {
        let place = folder.path().join(into);
        let done = Command::new(format!("{}/scripts/release-archive", env!("CARGO_MANIFEST_DIR")))
            .args([bin.to_str().unwrap(), "x86_64-pc-windows-gnu", place.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let path = String::from_utf8(done.stdout).unwrap().trim().to_owned();
        let name = format!("{into}/stackup-{}-x86_64-pc-windows-gnu.zip", env!("CARGO_PKG_VERSION"));
        assert!(path.ends_with(&name), "{path}");
        std::fs::read(path).unwrap()
    };
    let first = pack("first");
    assert!(first.starts_with(b"PK") && first == pack("second"), "other bytes the second time");
    for name in ["stackup.exe", "README.md", "LICENSE-MIT"] {
        assert!(first.windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
    }
}

#[test]
fn a_runner_of_windows_is_refused_before_anything_is_fetched() {
    let programs = tempfile::tempdir().unwrap();
    let uname = programs.path().join("uname");
    // In place of uname: what Git's shell says on such a runner.
    std::fs::write(&uname, "#!/bin/sh\necho MINGW64_NT-10.0-26100\n").unwrap();
    std::fs::set_permissions(&uname, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    for version in ["1.2.3", "source", "/usr/bin/true"] {
        let (code, said, outputs) = install_with(version, &"0".repeat(64), "file:///nonexistent", &[("PATH", &path)]);
        assert_eq!((code, outputs.len()), (64, 0), "{said}");
        assert!(said.contains("::error title=stackup::the action does not run on Windows runners"), "{said}");
    }
}

#[test]
fn a_release_is_the_one_with_this_sum_or_none() {
    let (_folder, url, sum) = release("1.2.3");
    let (code, said, outputs) = install("v1.2.3", &sum.to_uppercase(), &url);
    assert_eq!(code, 0, "{said}");
    assert!(outputs["bin"].ends_with("/stackup") && outputs["bin"].starts_with(&outputs["dir"]));
    for (version, sum, words) in [
        ("1.2.3", "0".repeat(64), "nothing of it was run"),
        ("1.2.3", String::new(), "`sha256` is missing"),
        ("9.9.9", sum.clone(), "cannot be fetched"),
        ("latest", sum.clone(), "neither a version"),
        ("1.2.3/../x", sum.clone(), "neither a version"),
        ("$(id)", sum, "neither a version"),
        ("/nonexistent/stackup", String::new(), "is no program"),
    ] {
        let (code, said, outputs) = install(version, &sum, &url);
        assert_eq!(code, 64, "{version}: {said}");
        assert!(said.contains(words) && said.contains("::error title=stackup::"), "{version}: {said}");
        assert!(outputs.is_empty(), "{outputs:?}");
    }
}

#[test]
fn an_archive_is_asked_for_where_it_comes_from() {
    let (folder, url, sum) = release("1.2.3");
    let programs = folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let (gh, asked) = (programs.join("gh"), folder.path().join("asked"));
    // In place of gh: the one archive with an attestation is the first that it is asked for.
    let script = format!("#!/bin/sh\n[ -e '{0}' ] && exit 1\necho \"$*\" >'{0}'\n", asked.display());
    std::fs::write(&gh, script).unwrap();
    std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let with = |attestation: &str, more: &[(&str, &str)]| {
        let set = [("INPUT_ATTESTATION", attestation), ("PATH", &path), ("GITHUB_SERVER_URL", "https://github.com")];
        let (code, said, outputs) = install_with("1.2.3", &sum, &url, &[&set[..], more].concat());
        assert_eq!(code == 0, outputs.contains_key("bin"), "{said}");
        (code, said)
    };
    let token = [("GH_TOKEN", "t")];
    assert_eq!(with("auto", &token).0, 0);
    let words = std::fs::read_to_string(&asked).unwrap();
    let expected = "--repo stackup/stackup --signer-workflow stackup/stackup/.github/workflows/release.yml\n";
    assert!(words.starts_with("attestation verify /") && words.ends_with(expected), "{words}");
    assert!(words.contains("/stackup-1.2.3-"), "{words}");
    for attestation in ["auto", "require"] {
        let (code, said) = with(attestation, &token);
        assert!(
            code == 64 && said.contains("carries no attestation") && said.contains("nothing of it was run"),
            "{said}"
        );
    }
    // Nobody to ask, or nobody asked for it.
    assert_eq!(with("auto", &[]).0, 0);
    assert_eq!(with("auto", &[token[0], ("GITHUB_SERVER_URL", "https://git.example.org")]).0, 0);
    assert_eq!(with("off", &token).0, 0);
    std::fs::remove_file(&gh).unwrap();
    assert_eq!(with("auto", &token).0, 0);
    let (code, said) = with("require", &token);
    assert!(code == 64 && said.contains("needs the program gh"), "{said}");
    assert!(with("always", &token).1.contains("auto, require or off"));
}

#[test]
fn source_builds_the_action_s_own_checkout() {
    let home = tempfile::tempdir().unwrap();
    let programs = home.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let cargo = programs.join("cargo");
    let build = |script: &str| {
        std::fs::write(&cargo, script).unwrap();
        std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
        let job = Job::new("push", &json!({}));
        let output = job.folder.path().join("output");
        std::fs::write(&output, "").unwrap();
        let done = Command::new(format!("{}/scripts/action-install", env!("CARGO_MANIFEST_DIR")))
            .env_clear()
            .envs(&job.environment)
            .env("PATH", format!("{}:{}", programs.display(), job.environment["PATH"]))
            .env("GITHUB_ACTION_PATH", home.path())
            .env("GITHUB_OUTPUT", &output)
            .env("INPUT_VERSION", "source")
            .output()
            .unwrap();
        let outputs = environment_file(&std::fs::read_to_string(&output).unwrap());
        (done.status.code().unwrap(), String::from_utf8_lossy(&done.stdout).into_owned(), outputs)
    };
    // In place of cargo: what it is asked, and what it would leave.
    let here = home.path().display();
    let good = format!(
        "#!/bin/sh\necho \"$*\" >'{here}/asked'\nmkdir -p '{here}/target/release'\nprintf '#!/bin/sh\\n' >'{here}/target/release/stackup'\nchmod +x '{here}/target/release/stackup'\n"
    );
    let (code, said, outputs) = build(&good);
    assert_eq!(code, 0, "{said}");
    assert_eq!(outputs["bin"], format!("{here}/target/release/stackup"));
    let asked = std::fs::read_to_string(home.path().join("asked")).unwrap();
    assert_eq!(asked.trim(), format!("build --release --locked --manifest-path {here}/Cargo.toml"));
    let (code, said, outputs) = build("#!/bin/sh\nexit 101\n");
    assert_eq!((code, outputs.len()), (64, 0), "{said}");
    assert!(said.contains("::error title=stackup::stackup cannot be built"), "{said}");
}
