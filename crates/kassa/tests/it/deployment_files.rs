//! The deployment files use only options and variables that exist, and the command accepts their settings.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::kassa;
use crate::workspace::{files, text};

/// The path of the configuration in images and on servers.
const CONFIGURATION: &str = "/etc/kassa/kassa.toml";

/// The variable that compose requires in `.env`.
const PASSWORD: &str = "POSTGRES_PASSWORD:?set it in .env";

/// The value of the cluster's Secret, as the comment beside it shows.
const SECRET_URL: &str = "postgres://kassa:PASSWORD@db.internal/kassa?sslmode=verify-full";

/// The start of one node: its configuration file, its variables, and its arguments.
struct Start {
    whose: &'static str,
    configuration: String,
    variables: BTreeMap<String, String>,
    arguments: Vec<String>,
}

#[test]
fn every_node_of_the_deployment_files_would_start() {
    for start in [image(), service(), compose(), kubernetes()] {
        assert_eq!(start.arguments, ["serve", "--config", CONFIGURATION], "{}", start.whose);
        let output = check(&start);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success() && said.contains("is in order"), "{}: {said}", start.whose);
    }
}

/// Checks the configuration with the command, from a file that everybody can read.
fn check(start: &Start) -> Output {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kassa.toml");
    std::fs::write(&file, &start.configuration).unwrap();
    let mut command = kassa();
    command.args(["config", "check", "--config"]).arg(file).envs(&start.variables);
    command.output().unwrap()
}

/// The start of the image without any options.
fn image() -> Start {
    let dockerfile = text("Dockerfile");
    let words = |instruction: &str| -> Vec<String> {
        let line = dockerfile.lines().find_map(|line| line.strip_prefix(instruction)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    assert_eq!(words("ENTRYPOINT "), ["/usr/bin/kassa"]);
    start("Dockerfile", BTreeMap::new(), words("CMD "))
}

fn service() -> Start {
    let unit = text("deploy/kassa.service");
    let given = |key: &str| unit.lines().filter_map(|line| line.strip_prefix(key)).collect::<Vec<_>>();
    let [command] = given("ExecStart=")[..] else { panic!("one command") };
    let arguments = command.strip_prefix("/usr/bin/kassa ").unwrap().split(' ').map(str::to_string).collect();
    let variables = given("Environment=").into_iter().map(|set| set.split_once('=').unwrap());
    start("kassa.service", variables.map(owned).collect(), arguments)
}

fn compose() -> Start {
    let compose = &documents("compose.yaml")[0];
    let node = &compose["services"]["kassa"];
    let file = format!("./deploy/kassa.toml:{CONFIGURATION}:ro");
    assert_eq!(node["volumes"][0], file);
    let variables = node["environment"].as_object().unwrap().iter();
    let variables = variables.map(|(name, value)| (name.clone(), substituted(value.as_str().unwrap())));
    // The service names no command, so the image's command runs.
    assert_eq!(node["command"], Value::Null);
    start("compose.yaml", variables.collect(), image().arguments)
}

/// Replaces compose's variables by their defaults, and the password by a sample.
fn substituted(text: &str) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_string() };
    let (variable, after) = rest.split_once('}').unwrap();
    let value = match variable.split_once(":-") {
        Some((_, otherwise)) => otherwise,
        None if variable == PASSWORD => "a-password",
        None => panic!("nobody gives {variable}"),
    };
    format!("{before}{value}{}", substituted(after))
}

fn kubernetes() -> Start {
    let manifest = "deploy/kubernetes.yaml";
    assert!(text(manifest).contains(&format!("--from-literal=url='{SECRET_URL}'")));
    let objects = documents(manifest);
    let of_kind = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
    let container = &of_kind("Deployment")["spec"]["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap().iter().map(|variable| {
        let secret = || variable["valueFrom"]["secretKeyRef"]["key"].as_str().map(|_| SECRET_URL);
        let value = variable["value"].as_str().or_else(secret).unwrap();
        owned((variable["name"].as_str().unwrap(), value))
    });
    let arguments =
        container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_string());
    Start {
        whose: "kubernetes.yaml",
        configuration: of_kind("ConfigMap")["data"]["kassa.toml"].as_str().unwrap().to_string(),
        variables: variables.collect(),
        arguments: arguments.collect(),
    }
}

fn start(whose: &'static str, variables: BTreeMap<String, String>, arguments: Vec<String>) -> Start {
    Start { whose, configuration: text("deploy/kassa.toml"), variables, arguments }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_string(), value.to_string())
}

fn documents(path: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_ingress_does_not_route_operational_paths() {
    let objects = documents("deploy/kubernetes.yaml");
    let ingress = objects.iter().find(|object| object["kind"] == "Ingress").unwrap();
    let paths = ingress["spec"]["rules"][0]["http"]["paths"].as_array().unwrap();
    let paths: BTreeSet<&str> = paths.iter().map(|path| path["path"].as_str().unwrap()).collect();
    let apis = ["/customer-token", "/hpp", "/kassa", "/ordermanagement", "/payments"];
    let pages = ["/assets", "/distributions", "/images", "/pay"];
    assert_eq!(paths, apis.into_iter().chain(pages).collect());
}

#[test]
fn the_command_reads_every_variable() {
    let read_by = ["config.rs", "config/overrides.rs", "config/traces.rs", "output.rs"];
    let known = variables(&read_by.map(|file| text(format!("crates/kassa/src/{file}"))).concat());
    assert!(known.contains("KASSA_DATABASE") && known.contains("KASSA_LOG"));
    for path in deployment_files() {
        for variable in variables(&text(&path)) {
            assert!(known.contains(&variable), "{path} sets {variable}");
        }
    }
}

/// The words that begin with `KASSA_`.
fn variables(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    let starts = text.match_indices("KASSA_").map(|(start, _)| &text[start..]);
    let words = starts.map(|rest| rest.split(|letter| !is_part(letter)).next().unwrap());
    words.filter(|word| *word != "KASSA_").map(str::to_string).collect()
}

#[test]
fn every_command_exists() {
    let mut count = 0;
    for path in deployment_files() {
        for line in text(&path).lines() {
            for arguments in commands(line) {
                // The command refuses the first unknown word, before it prints the help.
                let output = kassa().args(&arguments).arg("--help").output().unwrap();
                assert!(output.status.success(), "{path}: kassa {}", arguments.join(" "));
                count += 1;
            }
        }
    }
    assert!(count > 10, "only {count} commands were found");
}

/// The arguments of `kassa` in each place of a line that runs it: in a shell, in a container, or by systemd.
fn commands(line: &str) -> Vec<Vec<String>> {
    let starts = ["/usr/bin/kassa ", "compose run --rm kassa ", "  kassa ", "`kassa "];
    let line = format!("  {line}");
    let found = starts
        .iter()
        .flat_map(|start| line.match_indices(start).map(|(at, _)| words(&line[at + start.len()..])));
    let is_command =
        |words: &Vec<String>| words.first().is_some_and(|first| first.starts_with(char::is_lowercase));
    found.filter(is_command).collect()
}

/// The words of a command, without quotes.
fn words(text: &str) -> Vec<String> {
    let command = text.split(['`', '|', ';', '>', '#', '&']).next().unwrap();
    let pieces = command.split('"').enumerate();
    let words = pieces.flat_map(|(number, piece)| match number % 2 {
        0 => piece.split_whitespace().map(str::to_string).collect(),
        _ => vec![piece.to_string()],
    });
    words.collect()
}

/// The deployment files, and the pages that describe them.
fn deployment_files() -> Vec<String> {
    let deploy = files(&["deploy"], &["toml", "yaml", "yml", "service"]);
    let deploy = deploy.iter().map(|path| path.to_str().unwrap().to_string());
    let others =
        ["Dockerfile", "compose.yaml", "docs/serving.md", "docs/operations.md", "docs/distribution.md"];
    deploy.chain(others.map(str::to_string)).collect()
}
