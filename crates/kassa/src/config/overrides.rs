//! The environment variables that override settings of the file.

use std::fmt::Display;

use super::lists::{listed, network};
use super::{Config, PaymentSystemName, allowed_drain_s, app_schemes, rate_limit, traces};
use crate::database::Database;
use crate::failure::Failure;
use crate::listen_address;
use crate::output::LogFormat;
use crate::public_url::PublicUrl;

/// The environment: the value of the variable with a name.
struct Variables<F>(F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// Overrides a setting, if there is a variable with this name. The error does not contain the value, because a
    /// mixed-up value may be a secret.
    fn set<T, E: Display>(
        &self,
        setting: &mut T,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<(), Failure> {
        if let Some(text) = (self.0)(name) {
            *setting = parse(&text).map_err(|reason| Failure::Usage(format!("{name}: {reason}")))?;
        }
        Ok(())
    }

    /// The same for a setting that the file may omit.
    fn set_optional<T, E: Display>(
        &self,
        setting: &mut Option<T>,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<(), Failure> {
        self.set(setting, name, |text| parse(text).map(Some))
    }
}

impl Config {
    pub(super) fn override_by(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
        let variables = Variables(variable);
        self.override_addresses(&variables)?;
        self.override_storage(&variables)?;
        self.override_limits(&variables)?;
        self.override_observation(&variables)
    }

    /// The addresses of the node, and the ways to reach it.
    fn override_addresses(
        &mut self,
        variables: &Variables<impl Fn(&str) -> Option<String>>,
    ) -> Result<(), Failure> {
        variables.set(&mut self.listen, "KASSA_LISTEN", listen_address::parse)?;
        variables.set_optional(
            &mut self.operations_listen,
            "KASSA_OPERATIONS_LISTEN",
            listen_address::parse,
        )?;
        variables.set(&mut self.public_url, "KASSA_PUBLIC_URL", |text| {
            text.parse().map(|url: PublicUrl| url.as_ref().to_string())
        })?;
        variables.set_optional(&mut self.page_url, "KASSA_PAGE_URL", str::parse)?;
        variables.set(&mut self.trusted_proxies, "KASSA_TRUSTED_PROXIES", |text| {
            listed(text).map(network).collect::<Result<_, _>>()
        })?;
        variables.set(&mut self.app_schemes, "KASSA_APP_SCHEMES", |text| app_schemes::read(listed(text)))?;
        variables.set_optional(&mut self.texts_folder, "KASSA_TEXTS_FOLDER", str::parse)?;
        variables.set(&mut self.lab, "KASSA_LAB", flag)?;
        variables.set(&mut self.console, "KASSA_CONSOLE", flag)
    }

    /// The database, the payment system, and how long records are kept.
    fn override_storage(
        &mut self,
        variables: &Variables<impl Fn(&str) -> Option<String>>,
    ) -> Result<(), Failure> {
        variables.set_optional(&mut self.database, "KASSA_DATABASE", Database::read)?;
        variables.set_optional(&mut self.payment_system, "KASSA_PAYMENT_SYSTEM", payment_system)?;
        variables.set_optional(&mut self.account_key_file, "KASSA_ACCOUNT_KEY_FILE", str::parse)?;
        variables.set(&mut self.retention_days, "KASSA_RETENTION_DAYS", days)?;
        variables.set_optional(&mut self.audit_retention_days, "KASSA_AUDIT_RETENTION_DAYS", days)?;
        variables.set_optional(&mut self.message_retention_days, "KASSA_MESSAGE_RETENTION_DAYS", days)?;
        variables.set_optional(&mut self.request_retention_days, "KASSA_REQUEST_RETENTION_DAYS", days)?;
        variables.set_optional(&mut self.answer_retention_days, "KASSA_ANSWER_RETENTION_DAYS", days)?;
        variables.set_optional(&mut self.contact_retention_days, "KASSA_CONTACT_RETENTION_DAYS", days)
    }

    /// The limits of the node, and the unsafe settings that are accepted.
    fn override_limits(
        &mut self,
        variables: &Variables<impl Fn(&str) -> Option<String>>,
    ) -> Result<(), Failure> {
        variables.set(&mut self.drain_s, "KASSA_DRAIN_S", |text| {
            text.parse().map_err(|_| "expected a number of seconds").and_then(allowed_drain_s)
        })?;
        variables.set_optional(
            &mut self.rate_limit_creations,
            "KASSA_RATE_LIMIT_CREATIONS",
            rate_limit::parse,
        )?;
        variables.set_optional(
            &mut self.rate_limit_other_calls,
            "KASSA_RATE_LIMIT_OTHER_CALLS",
            rate_limit::parse,
        )?;
        variables.set(&mut self.accept_unsafe, "KASSA_ACCEPT_UNSAFE", |text| {
            Ok::<_, &str>(listed(text).map(str::to_string).collect())
        })
    }

    /// The log, the records and the traces.
    fn override_observation(
        &mut self,
        variables: &Variables<impl Fn(&str) -> Option<String>>,
    ) -> Result<(), Failure> {
        variables.set(&mut self.log_format, "KASSA_LOG_FORMAT", LogFormat::parse)?;
        variables.set_optional(&mut self.record_requests, "KASSA_RECORD_REQUESTS", flag)?;
        variables.set_optional(&mut self.otlp_endpoint, "KASSA_OTLP_ENDPOINT", traces::endpoint)?;
        variables.set(&mut self.trace_ratio, "KASSA_TRACE_RATIO", traces::ratio)
    }
}

fn flag(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_| "expected true or false")
}

fn days(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "expected a number of days")
}

fn payment_system(text: &str) -> Result<PaymentSystemName, &'static str> {
    match text {
        "sandbox" => Ok(PaymentSystemName::Sandbox),
        "klarna" => Ok(PaymentSystemName::Klarna),
        "external" => Ok(PaymentSystemName::External),
        _ => Err("expected sandbox, klarna or external"),
    }
}
