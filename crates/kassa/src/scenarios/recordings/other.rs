//! The other service of a comparison: a playground of the vendor, or a service on this machine.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use kassa_client::client::Environment;
use url::{Host, Url};

use super::party::Party;
use crate::environment::{http_url, shown, trimmed, variable};
use crate::failure::Failure;
use crate::remote::Credential;
use crate::scenarios::world::Service;

/// The variable with the password of the account.
const PASSWORD: &str = "KLARNA_PASSWORD";

/// The part of a host name that tells the vendor's playground from its live service.
const PLAYGROUND: &str = "playground";

/// The options that name the other service and the account there.
#[derive(Args)]
pub(super) struct OtherService {
    /// Service to compare with: `playground-eu`, `playground-na`, `playground-oc`, or a base URL.
    #[arg(long, value_name = "ENV")]
    with: String,
    /// Username of the account there.
    #[arg(long, value_name = "USERNAME", env = "KLARNA_USERNAME", value_parser = trimmed)]
    with_username: String,
    /// File with the password of the account there, on one line (default: the variable `KLARNA_PASSWORD`).
    #[arg(long, value_name = "FILE")]
    with_password_file: Option<PathBuf>,
}

impl OtherService {
    /// The service, with its URL for messages.
    pub(super) fn party(&self) -> Result<(Party, String), Failure> {
        let url = base_url(&self.with)?;
        let credential = Credential { username: self.with_username.clone(), password: self.password()? };
        let service = Service::through_proxies(&url).context("the platform's TLS roots cannot be used")?;
        Ok((Party::new(service, credential), shown(&url)))
    }

    fn password(&self) -> Result<String, Failure> {
        let Some(file) = &self.with_password_file else {
            return variable(PASSWORD).ok_or_else(|| {
                Failure::Usage(format!(
                    "the password is missing: give --with-password-file, or set {PASSWORD}"
                ))
            });
        };
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
        let text = text.map(|text| text.trim().to_string());
        let one_line = text.and_then(|text| match text.lines().count() {
            1 => Ok(text),
            _ => Err("expected the password on one line".to_string()),
        });
        one_line
            .map_err(|reason| Failure::Usage(format!("--with-password-file: {}: {reason}", file.display())))
    }
}

/// The base URL of an environment. A live service is refused, because a comparison places orders.
fn base_url(with: &str) -> Result<String, Failure> {
    let with = with.trim();
    let named = Environment::from_name(with).map(|environment| environment.base_url().to_string());
    let url = named.or_else(|| http_url(with).ok().filter(|_| with.contains(['.', ':'])));
    let url = url.ok_or_else(|| {
        Failure::Usage("--with: expected an environment such as playground-eu, or a base URL".to_string())
    })?;
    match Url::parse(&url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) if name.contains(PLAYGROUND) || name == "localhost" => Ok(url),
        Some(Host::Ipv4(address)) if address.is_loopback() => Ok(url),
        Some(Host::Ipv6(address)) if address.is_loopback() => Ok(url),
        Some(_) | None => Err(Failure::Usage(format!(
            "--with: {} is neither a playground nor on this machine, and this command places orders",
            shown(&url)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_playground_or_this_machine_is_compared_with() {
        for (with, url) in [
            ("playground-eu", "https://api.playground.klarna.com"),
            ("https://api-na.playground.klarna.com", "https://api-na.playground.klarna.com"),
            ("127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("http://localhost:8081", "http://localhost:8081"),
            ("http://[::1]:8081", "http://[::1]:8081"),
        ] {
            assert!(base_url(with).is_ok_and(|found| found == url), "{with}");
        }
        for with in ["live-eu", "https://api.klarna.com", "playgroundeu", "https://shop.example", ""] {
            assert!(matches!(base_url(with), Err(Failure::Usage(_))), "{with}");
        }
    }
}
