//! The environment variables that override settings of the file.

use std::fmt;

use super::lists::{listed, network};
use super::{Config, PaymentSystemName, allowed_drain_s, app_schemes, rate_limit, traces};
use crate::database::Database;
use crate::failure::Failure;
use crate::listen_address;
use crate::output::LogFormat;
use crate::public_url::PublicUrl;

impl Config {
    pub(super) fn override_by(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
        // The message does not contain the value, because a mixed-up value may be a secret.
        let wrong = |name: &str, reason: &dyn fmt::Display| Failure::Usage(format!("{name}: {reason}"));
        let set = |name: &'static str| variable(name).map(|text| (name, text));
        if let Some((name, text)) = set("KASSA_LISTEN") {
            self.listen = listen_address::parse(&text).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_OPERATIONS_LISTEN") {
            let address = listen_address::parse(&text).map_err(|reason| wrong(name, &reason))?;
            self.operations_listen = Some(address);
        }
        if let Some((name, text)) = set("KASSA_LAB") {
            self.lab = text.parse().map_err(|_| wrong(name, &"expected true or false"))?;
        }
        if let Some((name, text)) = set("KASSA_CONSOLE") {
            self.console = text.parse().map_err(|_| wrong(name, &"expected true or false"))?;
        }
        if let Some((name, text)) = set("KASSA_RETENTION_DAYS") {
            self.retention_days = text.parse().map_err(|_| wrong(name, &"expected a number of days"))?;
        }
        if let Some((name, text)) = set("KASSA_AUDIT_RETENTION_DAYS") {
            let days = text.parse().map_err(|_| wrong(name, &"expected a number of days"))?;
            self.audit_retention_days = Some(days);
        }
        if let Some((name, text)) = set("KASSA_TRUSTED_PROXIES") {
            let networks: Result<_, _> = listed(&text).map(network).collect();
            self.trusted_proxies = networks.map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_APP_SCHEMES") {
            self.app_schemes = app_schemes::read(listed(&text)).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_DRAIN_S") {
            let drain_s = text.parse().map_err(|_| wrong(name, &"expected a number of seconds"))?;
            self.drain_s = allowed_drain_s(drain_s).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_RECORD_REQUESTS") {
            let is_on = text.parse().map_err(|_| wrong(name, &"expected true or false"))?;
            self.record_requests = Some(is_on);
        }
        if let Some((name, text)) = set("KASSA_LOG_FORMAT") {
            self.log_format = LogFormat::parse(&text).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_RATE_LIMIT_CREATIONS") {
            self.rate_limit_creations =
                rate_limit::parse(&text).map(Some).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_RATE_LIMIT_OTHER_CALLS") {
            self.rate_limit_other_calls =
                rate_limit::parse(&text).map(Some).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((name, text)) = set("KASSA_OTLP_ENDPOINT") {
            self.otlp_endpoint = Some(traces::endpoint(&text).map_err(|reason| wrong(name, &reason))?);
        }
        if let Some((name, text)) = set("KASSA_TRACE_RATIO") {
            self.trace_ratio = traces::ratio(&text).map_err(|reason| wrong(name, &reason))?;
        }
        if let Some((_, text)) = set("KASSA_ACCEPT_UNSAFE") {
            self.accept_unsafe = listed(&text).map(str::to_string).collect();
        }
        if let Some((name, text)) = set("KASSA_PUBLIC_URL") {
            let url: PublicUrl = text.parse().map_err(|reason| wrong(name, &reason))?;
            self.public_url = url.as_ref().to_string();
        }
        if let Some((name, text)) = set("KASSA_PAYMENT_SYSTEM") {
            self.payment_system = Some(match text.as_str() {
                "sandbox" => PaymentSystemName::Sandbox,
                "klarna" => PaymentSystemName::Klarna,
                "external" => PaymentSystemName::External,
                _ => return Err(wrong(name, &"expected sandbox, klarna or external")),
            });
        }
        if let Some((name, text)) = set("KASSA_PAGE_URL") {
            self.page_url = Some(text.parse().map_err(|reason| wrong(name, &reason))?);
        }
        if let Some((_, text)) = set("KASSA_ACCOUNT_KEY_FILE") {
            self.account_key_file = Some(text.into());
        }
        if let Some((name, text)) = set("KASSA_DATABASE") {
            self.database = Some(Database::read(&text).map_err(|reason| wrong(name, &reason))?);
        }
        Ok(())
    }
}
