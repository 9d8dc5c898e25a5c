//! The file with the keys that encrypt the passwords of payment accounts.

use std::io::ErrorKind;

use kassa_engine::AccountKeys;
use zeroize::Zeroizing;

use super::Config;
use crate::failure::Failure;

impl Config {
    /// Reads the files with keys and secrets, so far as they are configured.
    pub(crate) fn with_key_files(self) -> Result<Self, Failure> {
        self.with_account_keys()?.with_external_secrets()?.with_openid_secret()
    }

    /// Whether a file with keys is configured.
    pub(crate) const fn has_account_keys(&self) -> bool {
        self.account_key_file.is_some()
    }

    /// Reads the keys of payment accounts. A file that others can read is refused, unless the configuration accepts
    /// that.
    fn with_account_keys(mut self) -> Result<Self, Failure> {
        let Some(path) = &self.account_key_file else { return Ok(self) };
        let wrong = |reason: &str| Failure::Usage(format!("account_key_file: {}: {reason}", path.display()));
        if let Some(problem) = self.account_key_problem().filter(|problem| !self.accepts(problem.name)) {
            return Err(wrong(&problem.to_string()));
        }
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                return wrong(
                    "the file does not exist: write the line that `kassa encryption new-key` prints into it, and \
                     make it readable by the owner only (mode 600)",
                );
            }
            wrong(&error.to_string())
        })?;
        self.account_keys = Some(AccountKeys::parse(&text).map_err(|why| wrong(&why.to_string()))?);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use kassa_engine::SystemRandom;
    use tempfile::TempDir;

    use super::super::safety::tests::config;
    use super::*;

    /// A configuration with this key file, and its keys.
    fn read(path: &Path, more: &str) -> Result<Config, String> {
        let config = config(&format!("account_key_file = \"{}\"\n{more}", path.display()));
        config.with_account_keys().map_err(|failure| match failure {
            Failure::Usage(said) => said,
            Failure::Fault(_) | Failure::ClosedPipe => panic!("a wrong file is wrong usage"),
        })
    }

    fn write(path: &Path, text: &str, mode: u32) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_keys_are_read_from_a_file_that_only_its_owner_can_read() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("account-keys");
        let key = AccountKeys::new_key(&SystemRandom);
        write(&file, &key, 0o600);
        let name = AccountKeys::parse(&key).unwrap().newest().to_string();
        assert_eq!(read(&file, "").unwrap().account_keys.unwrap().newest(), name);
        write(&file, &key, 0o644);
        let said = read(&file, "").unwrap_err();
        assert!(said.contains("readable-account-key") && said.contains("chmod 600"), "{said}");
        assert!(read(&file, "accept_unsafe = [\"readable-account-key\"]").is_ok());
        assert!(config("").with_account_keys().unwrap_or_else(|_| panic!("no file")).account_keys.is_none());
    }

    #[test]
    fn an_error_names_the_file_and_what_to_do_and_shows_no_key() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("account-keys");
        let said = read(&file, "").unwrap_err();
        assert!(said.contains("account-keys: the file does not exist: write the line that"), "{said}");
        for (text, reason) in [
            ("", "it has no key"),
            ("c2VjcmV0", "the key in line 1 has 6 bytes: a key is base64 of 32 random bytes"),
            ("s3cr3t!", "line 1 is not base64"),
        ] {
            write(&file, text, 0o600);
            let said = read(&file, "").unwrap_err();
            assert!(said.starts_with("account_key_file: ") && said.contains(reason), "{said}");
            assert!(text.is_empty() || !said.contains(text), "{said}");
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o700)).unwrap();
        assert!(read(&file, "").unwrap_err().contains("account-keys: "), "a folder is no file");
    }
}
