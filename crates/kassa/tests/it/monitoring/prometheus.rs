//! Debian's Prometheus and its tool.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use kassa_testkit::eventually;
use kassa_testkit::processes::KilledOnDrop;
use serde_json::Value;
use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::harness::Merchant;
use crate::workspace::root;

/// The advice for a machine without Prometheus.
const INSTALL: &str =
    "Prometheus is installed: by ./test, or by apt-get install --no-install-recommends prometheus";

/// Runs `promtool` in the folder of the rules.
pub fn promtool(arguments: &[&str]) {
    let output =
        Command::new("promtool").args(arguments).current_dir(root().join("deploy")).output().expect(INSTALL);
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// A running Prometheus with the alert rules. It is killed when this value is dropped.
pub struct Prometheus {
    caller: Merchant,
    _process: KilledOnDrop,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts on a free port, and scrapes these nodes every second.
    pub fn scraping(nodes: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let targets: Vec<_> = nodes.iter().map(|url| url.trim_start_matches("http://")).collect();
        let rules = root().canonicalize().unwrap().join("deploy/alerts.yml");
        let configuration = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{rules:?}]\n\
             scrape_configs: [{{job_name: kassa, static_configs: [{{targets: {targets:?}}}]}}]\n"
        );
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new("prometheus");
        command.arg("--config.file").arg(&file).arg("--storage.tsdb.path").arg(folder.path().join("data"));
        command.arg("--web.listen-address=127.0.0.1:0").stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = KilledOnDrop(command.stderr(Stdio::piped()).spawn().expect(INSTALL));
        let mut lines = BufReader::new(process.0.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.by_ref().find_map(|line| {
            let address = line.split_once("\"Listening on\" address=")?.1;
            Some(address.split(' ').next()?.to_string())
        });
        let address = address.expect("Prometheus names its address");
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let caller = Merchant::new(&format!("http://{address}"), "", "");
        Self { caller, _process: process, _folder: folder }
    }

    pub async fn get(&self, path: &str) -> Value {
        self.caller.get(path).await.json
    }

    async fn ask(&self, path: &str, name: &str, value: &str) -> Value {
        let query = Serializer::new(String::new()).append_pair(name, value).finish();
        self.get(&format!("{path}?{query}")).await
    }

    /// Evaluates an expression now.
    pub async fn query(&self, promql: &str) -> Value {
        self.ask("/api/v1/query", "query", promql).await
    }

    /// The labels of each series that matches.
    pub async fn series(&self, selector: &str) -> Vec<Value> {
        self.ask("/api/v1/series", "match[]", selector).await["data"].as_array().cloned().unwrap_or_default()
    }

    /// Waits for this number of further scrapes without an error.
    pub async fn has_scraped(&self, times: u32) {
        let scraped = async || {
            let answer = self.query("sum(count_over_time(up[1h])) * min(up)").await;
            answer["data"]["result"][0]["value"][1].as_str().and_then(|count| count.parse::<f64>().ok())
        };
        let before = eventually("a scrape", async || scraped().await.filter(|count| *count > 0.0)).await;
        let enough = before + f64::from(times);
        eventually("further scrapes", async || scraped().await.is_some_and(|count| count >= enough)).await;
    }
}
