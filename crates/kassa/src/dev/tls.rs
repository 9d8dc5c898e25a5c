//! The certificates of `kassa dev --tls`: an authority of its own, which clients trust once, and a server certificate.

use std::fs::{OpenOptions, Permissions};
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;
use kassa_engine::{Clock, SystemClock};
use kassa_server::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use url::{Host, Url};

use crate::database_file::create_folder;
use crate::public_url::PublicUrl;

/// The folder of the certificates, beside the database.
const FOLDER: &str = "tls";

/// How long a server certificate is valid, in days. Apple's clients accept 398 at most. Each start makes a new one.
const SERVER_DAYS: u64 = 397;

/// How long the authority is valid, in days.
const AUTHORITY_DAYS: u64 = 3650;

/// How long before its creation a certificate is valid, in days, for clients whose clock is slow.
const DAYS_BEFORE: u64 = 1;

/// A server certificate, and the authority that signed it.
pub(super) struct OwnTls {
    pub(super) certificate: Certificate,
    /// The file with the certificate of the authority.
    pub(super) authority: PathBuf,
}

impl OwnTls {
    /// Reads the authority from the data folder, or creates it there, and makes a certificate for these names.
    pub(super) fn prepare(data: &Path, names: Vec<String>) -> anyhow::Result<Self> {
        let folder = data.join(FOLDER);
        create_folder(&folder)?;
        let authority = folder.join("ca.pem");
        let issuer = issuer(&folder, &authority)?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = name("Kassa on this machine");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid_for(&mut params, SERVER_DAYS);
        let (chain_file, key_file) = (folder.join("server.pem"), folder.join("server-key.pem"));
        write(&chain_file, &params.signed_by(&key, &issuer)?.pem(), 0o644)?;
        write(&key_file, &key.serialize_pem(), 0o600)?;
        Ok(Self { certificate: Certificate::read(&chain_file, &key_file)?, authority })
    }
}

/// The names and addresses at which clients may call: this machine's, and those of the public URLs.
pub(super) fn names(listener: SocketAddr, public_urls: &[PublicUrl]) -> Vec<String> {
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_string);
    let public = public_urls.iter().filter_map(|url| Url::parse(url.as_ref()).ok());
    let public = public.filter_map(|url| url.host().map(|host| without_brackets(&host)));
    let listener = Some(listener.ip()).filter(|ip| !ip.is_unspecified());
    let addresses = [listener, address_on_network()].into_iter().flatten().map(|ip| ip.to_string());
    let mut names: Vec<String> = own.into_iter().chain(public).chain(addresses).chain(machine()).collect();
    names.sort();
    names.dedup();
    names
}

fn without_brackets(host: &Host<&str>) -> String {
    match host {
        Host::Domain(name) => (*name).to_string(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    }
}

/// The name of this machine, if a certificate can contain it.
fn machine() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_ascii_lowercase();
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    (!name.is_empty() && name.chars().all(is_letter)).then_some(name)
}

/// The address of this machine on its network. Nothing is sent: the kernel only chooses a route.
fn address_on_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// The authority, with the key of an earlier start if there is one: then the certificate in its file stays valid.
fn issuer(folder: &Path, authority: &Path) -> anyhow::Result<Issuer<'static, KeyPair>> {
    let key_file = folder.join("ca-key.pem");
    let mut params = CertificateParams::default();
    params.distinguished_name = name("Kassa development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for(&mut params, AUTHORITY_DAYS);
    if key_file.exists() && authority.exists() {
        let pem = std::fs::read_to_string(&key_file)?;
        let key = KeyPair::from_pem(&pem).with_context(|| format!("{} is no key", key_file.display()))?;
        return Ok(Issuer::new(params, key));
    }
    let key = KeyPair::generate()?;
    write(&key_file, &key.serialize_pem(), 0o600)?;
    write(authority, &params.self_signed(&key)?.pem(), 0o644)?;
    Ok(Issuer::new(params, key))
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn valid_for(params: &mut CertificateParams, days: u64) {
    let day = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    let now_ms = u64::try_from(SystemClock.system_now().as_ms()).unwrap_or_default();
    let now = UNIX_EPOCH + Duration::from_millis(now_ms);
    params.not_before = (now - day(DAYS_BEFORE)).into();
    params.not_after = (now + day(days - DAYS_BEFORE)).into();
}

/// Replaces a file. The new one has this mode from its first byte on.
fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .with_context(cannot)?;
    file.set_permissions(Permissions::from_mode(mode)).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_certificate_names_this_machine_and_the_public_hosts() {
        let public: Vec<PublicUrl> = ["https://kassa.test:8443", "http://[fd00::7]:1"]
            .iter()
            .map(|url| url.parse().unwrap())
            .collect();
        let names = names("0.0.0.0:8080".parse().unwrap(), &public);
        for name in ["localhost", "127.0.0.1", "::1", "kassa.test", "fd00::7"] {
            assert!(names.iter().any(|one| one == name), "{name}: {names:?}");
        }
        assert!(machine().is_none_or(|machine| names.contains(&machine)), "{names:?}");
    }

    #[test]
    fn the_authority_stays_the_same_and_its_key_is_its_owners() {
        let data = TempDir::new().unwrap();
        let first = OwnTls::prepare(data.path(), vec!["localhost".to_string()]).unwrap();
        let authority = std::fs::read_to_string(&first.authority).unwrap();
        OwnTls::prepare(data.path(), vec!["kassa.test".to_string()]).unwrap();
        assert_eq!(std::fs::read_to_string(&first.authority).unwrap(), authority);
        for key in ["ca-key.pem", "server-key.pem"] {
            let mode = data.path().join(FOLDER).join(key).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
    }
}
