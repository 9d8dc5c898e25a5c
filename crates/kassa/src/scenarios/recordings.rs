//! `kassa lab import` and `kassa lab compare`: calls that were recorded elsewhere, made again at Kassa, and compared.

mod comparison;
mod evidence;
mod exchange;
mod formats;
mod identities;
mod other;
mod party;
mod place;
mod plan;
mod replay;
mod report;
mod together;
mod variable;

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use http::{Method, StatusCode};
use serde_json::Value;

use super::world::Service;
use crate::failure::Failure;
use crate::remote::Remote;
use other::OtherService;
use party::Party;
use report::Report;

/// The options of `kassa lab import`.
#[derive(Args)]
pub(crate) struct ImportOptions {
    /// Recording: a HAR file, a VCR cassette (YAML or JSON), a WireMock mapping, or a folder of mappings.
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    #[command(flatten)]
    expected: ExpectedDifferences,
    #[command(flatten)]
    remote: Remote,
}

/// The options of `kassa lab compare`.
#[derive(Args)]
pub(crate) struct CompareOptions {
    /// Recording, scenario file, or name of a scenario in the library.
    #[arg(value_name = "FILE")]
    calls: PathBuf,
    #[command(flatten)]
    other: OtherService,
    /// Do not wait for a person. The consumer then acts at neither service.
    #[arg(long)]
    skip_consumer: bool,
    #[command(flatten)]
    expected: ExpectedDifferences,
    #[command(flatten)]
    remote: Remote,
}

/// The differences that the user expects.
#[derive(Args)]
struct ExpectedDifferences {
    /// Field that may differ, such as `distribution_module` or `options.logo_url`. Give it once for each field.
    #[arg(long, value_name = "FIELD")]
    ignore: Vec<String>,
}

pub(crate) fn import(options: &ImportOptions) -> Result<(), Failure> {
    let ImportOptions { recording, expected, remote } = options;
    let recorded = formats::read(recording).map_err(|wrong| Failure::Usage(wrong.to_string()))?;
    require_lab(remote)?;
    let report = Report::new(remote.json, ["recorded", "Kassa"]);
    report.line(&format!("{}, replayed at {}", recording.display(), remote.url_of("")));
    let replayed = run(async {
        let mut kassa = kassa(remote)?;
        let report = |one: &replay::Replayed<'_>| report.exchange(one);
        Ok(replay::replay(&recorded.exchanges, &mut kassa, &expected.ignore, report).await)
    })?;
    end(report.end(&replayed, recorded.left_out))
}

pub(crate) fn compare(options: &CompareOptions) -> Result<(), Failure> {
    let CompareOptions { calls, other, skip_consumer, expected, remote } = options;
    let plan = plan::read(calls)?;
    let (other_party, name) = other.party()?;
    require_lab(remote)?;
    let report = Report::new(remote.json, ["there", "Kassa"]);
    report.line(&format!("{}, at {name} (there) and at {}", calls.display(), remote.url_of("")));
    let replayed = run(async {
        let pair =
            together::Pair { other: other_party, kassa: kassa(remote)?, skips_consumer: *skip_consumer };
        Ok(pair.play(&plan.steps, &expected.ignore, &report).await)
    })?;
    end(report.end(&replayed, plan.left_out))
}

fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("no runtime could be started")?.block_on(work)?)
}

fn kassa(remote: &Remote) -> anyhow::Result<Party> {
    let service =
        Service::through_proxies(remote.url()).context("the platform's TLS roots cannot be used")?;
    Ok(Party::new(service, remote.credential().clone()))
}

/// Fails if no Kassa with a lab answers, or if it refuses the credential.
fn require_lab(remote: &Remote) -> Result<(), Failure> {
    match remote.try_call(Method::GET, "/lab/v1/clock", &Value::Null)? {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND => Err(Failure::Fault(anyhow!(
            "the lab of {} is off, so no command can act as the consumer. kassa dev has a lab, and kassa serve has one \
             with payment_system = \"sandbox\" and lab = true",
            remote.url_of("")
        ))),
        Err(refusal) => Err(remote.explained(&refusal)),
    }
}

fn end(differing: usize) -> Result<(), Failure> {
    match differing {
        0 => Ok(()),
        _ => Err(Failure::Fault(anyhow!("an answer differs"))),
    }
}
