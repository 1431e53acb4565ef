//! The metadata for installers of binaries agrees with what the release workflow packs. Nothing here builds or publishes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn cargo(arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root())
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{problem}");
    String::from_utf8(done.stdout).unwrap()
}

/// The package as Cargo reads it.
fn package() -> Json {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    serde_json::from_str::<Json>(&metadata).unwrap()["packages"][0].clone()
}

fn release() -> Value {
    serde_yaml::from_str(&text(".github/workflows/release.yml")).unwrap()
}

fn targets(workflow: &Value) -> Vec<String> {
    let build = &workflow["jobs"]["build"];
    let targets = build["strategy"]["matrix"]["include"]
        .as_sequence()
        .unwrap();
    let target = |entry: &Value| entry["target"].as_str().unwrap().to_owned();
    targets.iter().map(target).collect()
}

/// The script of a step of the release workflow.
fn script(job: &str, step: &str) -> String {
    let workflow = release();
    let steps = workflow["jobs"][job]["steps"].as_sequence().unwrap();
    let found = steps
        .iter()
        .find(|found| found["name"].as_str() == Some(step));
    let found = found.unwrap_or_else(|| panic!("{job} has no step `{step}`"));
    found["run"].as_str().unwrap().to_owned()
}

/// Runs a script as a runner does; `Err` with its output where it fails.
fn run(script: &str, folder: &Path, variables: &[(&str, &str)]) -> Result<(), String> {
    let done = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap();
    match done.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&done.stdout).into_owned()),
    }
}

/// The value of `key` in a section of a TOML file that gives it on one line.
fn toml_value(text: &str, section: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\n[{section}]\n"))?;
    let lines = rest.lines().take_while(|line| !line.starts_with('['));
    let mut pairs = lines.filter_map(|line| line.split_once(" = "));
    let (_, value) = pairs.find(|(found, _)| *found == key)?;
    Some(value.trim_matches('"').to_owned())
}

fn expanded(template: &str, package: &Json, target: &str) -> String {
    let mut url = template.to_owned();
    for (variable, value) in [
        ("{ repo }", package["repository"].as_str().unwrap()),
        ("{ name }", "govcheck"),
        ("{ bin }", "govcheck"),
        ("{ version }", env!("CARGO_PKG_VERSION")),
        ("{ target }", target),
        ("{ binary-ext }", ""),
    ] {
        url = url.replace(variable, value);
    }
    assert!(!url.contains('{'), "unknown variable in {url}");
    url
}

#[cfg(unix)]
#[test]
fn binstall_finds_the_binary_in_the_archive_that_the_release_workflow_packs() {
    let package = package();
    let binstall = &package["metadata"]["binstall"];
    let repository = package["repository"].as_str().unwrap();
    let (server, name) = repository.split_at("https://github.com".len());
    for target in targets(&release()) {
        let folder = tempfile::tempdir().unwrap();
        let environment = folder.path().join("environment");
        let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
        let check = script(
            "build",
            "Hold the tag against the version, and the repository against the one that packages name",
        );
        let variables = [
            ("GITHUB_REF_NAME", tag.as_str()),
            ("GITHUB_SERVER_URL", server),
            ("GITHUB_REPOSITORY", name.trim_start_matches('/')),
            ("GITHUB_ENV", environment.to_str().unwrap()),
            ("TARGET", &target),
        ];
        run(&check, root(), &variables).unwrap();
        for (variable, value) in [("GITHUB_REF_NAME", "v99.0.0"), ("GITHUB_REPOSITORY", "x/y")] {
            let mut other = variables.to_vec();
            other.push((variable, value));
            assert!(
                run(&check, root(), &other).is_err(),
                "{variable} is not checked"
            );
        }
        let environment = fs::read_to_string(&environment).unwrap();
        let name = environment.trim().strip_prefix("NAME=").unwrap();

        let binary = folder.path().join(format!("target/{target}/dist"));
        fs::create_dir_all(&binary).unwrap();
        for file in ["govcheck", "govcheck.exe"] {
            fs::write(binary.join(file), file).unwrap();
        }
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md"] {
            fs::copy(root().join(file), folder.path().join(file)).unwrap();
        }
        // Runners have 7-Zip; the archive that installers want is the other one.
        let pack = format!("7z() {{ :; }}\n{}", script("build", "Pack"));
        run(
            &pack,
            folder.path(),
            &[("NAME", name), ("TARGET", target.as_str())],
        )
        .unwrap();

        let url = expanded(binstall["pkg-url"].as_str().unwrap(), &package, &target);
        let archive = url
            .strip_prefix(&format!("{repository}/releases/download/{tag}/"))
            .unwrap();
        run(
            "tar -xzf \"$ARCHIVE\"",
            folder.path(),
            &[("ARCHIVE", &format!("packed/{archive}"))],
        )
        .unwrap();
        let inside = expanded(binstall["bin-dir"].as_str().unwrap(), &package, &target);
        let extension = if target.contains("windows") {
            ".exe"
        } else {
            ""
        };
        let inside = folder.path().join(format!("{inside}{extension}"));
        assert!(inside.is_file(), "{} is not packed", inside.display());
    }
}

#[test]
fn the_action_downloads_targets_that_are_released() {
    let install = text(".github/action/install.sh");
    let arms = install
        .lines()
        .filter_map(|line| line.trim().split_once(") target="));
    let downloaded: BTreeSet<String> = arms
        .map(|(_, target)| target.trim_end_matches(" ;;").to_owned())
        .filter(|target| target != "none")
        .collect();
    let released: BTreeSet<String> = targets(&release()).into_iter().collect();
    assert_eq!(downloaded, released);
    assert!(install.contains("name=\"govcheck-$own-$target\""));
}

#[test]
fn the_wheel_is_built_from_the_package_with_the_profile_of_releases() {
    let (package, python) = (package(), text("pyproject.toml"));
    for key in ["name", "description", "license", "readme"] {
        assert_eq!(
            toml_value(&python, "project", key).as_deref(),
            package[key].as_str(),
            "{key}"
        );
    }
    let repository = toml_value(&python, "project.urls", "Repository");
    assert_eq!(repository.as_deref(), package["repository"].as_str());
    let dynamic = toml_value(&python, "project", "dynamic").unwrap();
    assert!(dynamic.contains("version"), "{dynamic}");
    let of_maturin = |key: &str| toml_value(&python, "tool.maturin", key).unwrap();
    assert_eq!(of_maturin("bindings"), "bin");
    assert_eq!(of_maturin("locked"), "true");
    let profile = of_maturin("profile");
    assert!(text("Cargo.toml").contains(&format!("\n[profile.{profile}]\n")));
    // The archive holds the binary that was built for the wheel.
    let pack = script("build", "Pack");
    assert!(pack.contains(&format!("target/$TARGET/{profile}/govcheck")));
    assert!(script("build", "Build the binary and its wheel").contains("maturin build"));
    let needed = toml_value(&python, "build-system", "requires").unwrap();
    let pinned = release()["env"]["MATURIN"].as_str().unwrap().to_owned();
    let (major, minor) = pinned.split_once('.').unwrap();
    let minor: u32 = minor.split_once('.').unwrap().0.parse().unwrap();
    assert!(
        needed.contains("maturin>=1.9,<2") && major == "1" && minor >= 9,
        "{needed} {pinned}"
    );
}

#[test]
fn what_a_release_publishes_is_what_its_draft_holds() {
    let publish = text(".github/workflows/publish.yml");
    let image = script("image", "Pack");
    assert!(image.contains("govcheck-${GITHUB_REF_NAME#v}-image-$PLATFORM.tar.gz"));
    assert!(publish.contains("govcheck-$version-image-$platform.tar.gz"));
    let workflow = release();
    let images = workflow["jobs"]["image"]["strategy"]["matrix"]["include"].clone();
    let platforms = images.as_sequence().unwrap().iter();
    let platforms: Vec<_> = platforms
        .map(|entry| entry["platform"].as_str().unwrap())
        .collect();
    assert!(publish.contains(&format!("for platform in {}; do", platforms.join(" "))));
    for job in ["pypi", "image", "crate"] {
        let publish: Value = serde_yaml::from_str(&publish).unwrap();
        let condition = publish["jobs"][job]["if"].as_str().unwrap_or_default();
        assert!(
            condition.starts_with("vars.PUBLISH_"),
            "{job} must wait until it is turned on"
        );
    }
}

#[test]
fn the_source_package_holds_all_that_the_build_reads() {
    let listed = cargo(&["package", "--list", "--allow-dirty"]);
    let listed: BTreeSet<&str> = listed.lines().collect();
    let mut needed = vec![
        PathBuf::from("build.rs"),
        "Cargo.lock".into(),
        "README.md".into(),
    ];
    let mut folders = vec![PathBuf::from("src"), "policies".into()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            match root().join(&path).is_dir() {
                true => folders.push(path),
                false => needed.push(path),
            }
        }
    }
    for path in needed {
        let name = path.to_str().unwrap().replace('\\', "/");
        assert!(listed.contains(name.as_str()), "{name} is not packaged");
    }
}

#[test]
fn the_image_is_one_static_binary_that_runs_without_rights() {
    let (docker, ignored) = (text("Dockerfile"), text(".dockerignore"));
    let instruction = |name: &str| -> Vec<Vec<String>> {
        let lines = docker
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("{name} ")));
        let words = |line: &str| line.split_whitespace().map(ToOwned::to_owned).collect();
        lines.map(words).collect()
    };
    let mut copied = BTreeSet::new();
    for mut words in instruction("COPY") {
        let from = words[0].strip_prefix("--from=").map(ToOwned::to_owned);
        match from {
            Some(stage) => assert_eq!(stage, "build"),
            None => {
                words.pop();
                copied.extend(words);
            }
        }
    }
    for path in &copied {
        assert!(root().join(path).exists(), "{path} is copied and not there");
        assert!(
            ignored.lines().any(|line| line == format!("!{path}")),
            "{path} is left out of the context"
        );
    }
    for needed in ["Cargo.toml", "Cargo.lock", "build.rs", "src", "policies"] {
        assert!(copied.contains(needed), "{needed} is not copied");
    }
    assert_eq!(instruction("FROM").last().unwrap(), &["scratch"]);
    let user = instruction("USER").last().unwrap()[0].clone();
    let (user, group) = user.split_once(':').unwrap();
    for id in [user, group] {
        assert!(
            id.parse::<u32>().is_ok_and(|id| id > 0),
            "{id} is no number of a user without rights: `scratch` has no names"
        );
    }
    let minimum = package()["rust_version"].as_str().unwrap().to_owned();
    let version = |text: &str| -> Vec<u32> {
        text.split('.')
            .map_while(|number| number.parse().ok())
            .collect()
    };
    let image = instruction("FROM")[0][0].clone();
    let image = image.strip_prefix("rust:").unwrap().replace("-alpine", "");
    assert!(version(&image) >= version(&minimum), "{image} < {minimum}");
}
