//! The example adapter for PayU, and the public simulator of PayU that it calls. Each is a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::processes::KilledOnDrop;

/// The running simulator.
#[derive(Debug)]
pub struct Simulator {
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    _process: KilledOnDrop,
}

/// The running adapter.
#[derive(Debug)]
pub struct Adapter {
    /// The URL for Kassa.
    pub url: String,
    _process: KilledOnDrop,
}

impl Simulator {
    /// Starts the simulator. `None` if it is not installed: `./test` installs it if there is a Python that can run it,
    /// and says so if there is none.
    ///
    /// # Panics
    /// If the simulator does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let python = std::env::var("PAYU_SIMULATOR_PYTHON").ok().filter(|python| !python.is_empty())?;
        let mut command = Command::new(python);
        let (process, address) = started(command.arg(example("simulator.py")).args(["--port", "0"]));
        let origin = address.strip_suffix("/payu").unwrap().to_string();
        Some(Self { origin, _process: process })
    }

    /// Starts an adapter with the secrets of requests and of notifications. Its records are in `folder`.
    ///
    /// # Panics
    /// If the adapter does not start.
    #[must_use]
    pub fn adapter(&self, secrets: [&str; 2], folder: &Path) -> Adapter {
        let (process, url) = started(
            Command::new("python3")
                .arg(example("payu_adapter.py"))
                .env("KASSA_SECRET", secrets[0])
                .env("KASSA_NOTIFICATION_SECRET", secrets[1])
                .env("PAYU_BASE_URL", format!("{}/payu", self.origin))
                .env("PAYU_CLIENT_ID", "300746")
                .env("PAYU_CLIENT_SECRET", "any")
                .env("PAYU_POS_ID", "300746")
                .env("PAYU_SECOND_KEY", "b6ca15b0d1020e8094d9b5f8d163db54")
                .env("ADAPTER_LISTEN", "127.0.0.1:0")
                .env("ADAPTER_DATABASE", folder.join("adapter.db")),
        );
        Adapter { url, _process: process }
    }
}

fn example(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/payu-adapter").join(file)
}

/// Starts a program, and returns the address in its first line.
fn started(command: &mut Command) -> (KilledOnDrop, String) {
    let mut process = KilledOnDrop(command.stdout(Stdio::piped()).spawn().unwrap());
    let output = process.0.stdout.take().unwrap();
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    let address = line.split_whitespace().find(|word| word.starts_with("http://"));
    (process, address.unwrap_or_else(|| panic!("no address in {line:?}")).to_string())
}
