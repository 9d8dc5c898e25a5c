//! `kassa payment-system`: checks the payment system that a configuration names, and makes secrets for it.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_domain::{MerchantId, PaymentSessionId};
use kassa_engine::{
    Clock, Monotonic, PaymentCallMetrics, PaymentSystem as _, Random, Standing, StartAddresses, SystemClock,
    SystemRandom, new_secret, new_uuid,
};
use kassa_server::{Klarna, NOTIFICATIONS_PATH, ProbeFinding, ProbeStep, probe};
use kassa_wire::signature::secret_text;
use serde_json::json;

use crate::config::{Config, ConfigFile, ExternalSettings, KlarnaSettings, PaymentSystem};
use crate::failure::Failure;
use crate::output::print;
use crate::serve::{app, external_setup, payment_network};

/// The time for a read, in milliseconds.
const READ_MS: i64 = 10_000;

/// The bytes of a new secret.
const SECRET_BYTES: usize = 32;

/// The subcommands of `kassa payment-system`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Check the payment system of the configuration: its address, its credentials, and how it answers. No money moves.
    ///
    /// Exits with 1 if something is wrong. `external`: starts a payment of one unit and releases it, without a
    /// consumer. `klarna`: reads a payment session that does not exist, with each payment account.
    #[command(after_help = "Example:\n  kassa payment-system probe --currency PLN --country PL")]
    Probe {
        #[command(flatten)]
        file: ConfigFile,
        /// Currency of the payment that is started (ISO 4217).
        #[arg(long, default_value = "EUR", value_parser = capitals::<3>)]
        currency: String,
        /// Country of the payment that is started (ISO 3166).
        #[arg(long, default_value = "DE", value_parser = capitals::<2>)]
        country: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a new secret, as a line of `secret_file` or `notification_secret_file`.
    #[command(after_help = "Example:\n  (umask 077; kassa payment-system new-secret > external-secret)")]
    NewSecret,
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Probe { file, currency, country, json } => {
            let config = Config::read(file)?.with_key_files()?;
            let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
            let checks = runtime.block_on(checks(&config, currency, country))?;
            report(&checks, *json)
        }
        Act::NewSecret => print(secret_text(&new_secret::<SECRET_BYTES>(&SystemRandom))),
    }
}

/// Reads a code of `N` letters, in any case.
fn capitals<const N: usize>(text: &str) -> Result<String, String> {
    match text.len() == N && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        true => Ok(text.to_ascii_uppercase()),
        false => Err(format!("expected {N} letters")),
    }
}

/// One check, with its problem if there is one.
struct Check {
    rule: String,
    problem: Option<String>,
}

async fn checks(config: &Config, currency: &str, country: &str) -> Result<Vec<Check>, Failure> {
    match config.payment_system() {
        PaymentSystem::Sandbox => {
            Err(Failure::Usage("payment_system is \"sandbox\": there is nothing to check".to_string()))
        }
        PaymentSystem::Klarna(settings) => klarna(config, settings).await,
        PaymentSystem::External(settings) => external(config, settings, currency, country).await,
    }
}

async fn external(
    config: &Config,
    settings: &ExternalSettings,
    currency: &str,
    country: &str,
) -> Result<Vec<Check>, Failure> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let external = external_setup(config, settings, &random)?.start(&clock, &PaymentCallMetrics::default());
    let addresses = StartAddresses {
        return_url: format!("{}/pay/kassa-probe/returned", config.public_url),
        notify_url: format!("{}{NOTIFICATIONS_PATH}", config.public_url),
    };
    let steps = probe(&external, currency, country, addresses).await;
    Ok(steps.into_iter().map(Check::from).collect())
}

impl From<ProbeStep> for Check {
    fn from(ProbeStep { rule, finding }: ProbeStep) -> Self {
        let problem = match finding {
            ProbeFinding::Right => None,
            ProbeFinding::Wrong(problem) => Some(problem),
        };
        Self { rule: rule.to_string(), problem }
    }
}

/// Reads a payment session that does not exist, with each payment account.
async fn klarna(config: &Config, settings: &KlarnaSettings) -> Result<Vec<Check>, Failure> {
    let app = app(config).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let accounts = app.payment_accounts().clone();
    let klarna = Klarna::new(settings.rules(), accounts, clock.clone(), payment_network(config)?);
    let mut checks = Vec::new();
    for merchant in app.accounts().merchants_by_id().await? {
        let merchant = MerchantId::new(merchant.merchant_id);
        for account in app.payment_accounts().list(&merchant).await? {
            let rule = format!("the account of {merchant} at {} is accepted", account.base_url);
            let problem = problem_at_klarna(&klarna, &*clock, &merchant, account.base_url).await;
            checks.push(Check { rule, problem });
        }
    }
    app.close().await;
    if checks.is_empty() {
        return Err(Failure::Usage(
            "there is no payment account to check: add one with kassa payment-account set".to_string(),
        ));
    }
    Ok(checks)
}

async fn problem_at_klarna(
    klarna: &Klarna,
    clock: &dyn Clock,
    merchant: &MerchantId,
    base_url: String,
) -> Option<String> {
    let now = clock.system_now();
    let unknown = PaymentSession {
        id: PaymentSessionId::new(new_uuid(&SystemRandom, now)),
        system: PaymentSystemKey::Klarna { base_url },
        merchant_id: merchant.clone(),
        version: 0,
        created_at: now,
        expires_at: now,
        body: String::new(),
        authorization_token: None,
        completion: None,
        started: None,
    };
    let deadline: Monotonic = clock.monotonic_now().plus_ms(READ_MS);
    match klarna.read(&unknown, deadline).await {
        Ok(read) if read.standing == Standing::Gone => None,
        Ok(_) => Some("the answer is a payment session, although its id was made up now".to_string()),
        Err(error) => Some(error.to_string()),
    }
}

fn report(checks: &[Check], as_json: bool) -> Result<(), Failure> {
    let wrong = checks.iter().filter(|check| check.problem.is_some()).count();
    if as_json {
        let checks: Vec<_> = checks
            .iter()
            .map(|Check { rule, problem }| json!({ "rule": rule, "ok": problem.is_none(), "problem": problem }))
            .collect();
        print(json!({ "checks": checks, "wrong": wrong }))?;
    } else {
        for Check { rule, problem } in checks {
            match problem {
                None => print(format_args!("ok     {rule}"))?,
                Some(problem) => print(format_args!("WRONG  {rule}: {problem}"))?,
            }
        }
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(Failure::Fault(anyhow::anyhow!("{wrong} of {} checks failed", checks.len()))),
    }
}
