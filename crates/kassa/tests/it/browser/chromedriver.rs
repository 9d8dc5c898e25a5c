//! Chromedriver as a process of the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// The number of attempts to start chromedriver.
const STARTS: usize = 5;

/// A running chromedriver on a free port. Dropping this value ends it and deletes its folder, which contains all files
/// that it and its browsers write.
pub struct Chromedriver {
    process: Child,
    /// Kept open, because chromedriver fails if it cannot write its output.
    _output: BufReader<ChildStdout>,
    port: u16,
    _folder: TempDir,
}

impl Chromedriver {
    /// Starts chromedriver, and waits until it accepts calls. It ends at once if the port that it chose for IPv4 is not
    /// free for IPv6. Then it is started again.
    pub fn start() -> Self {
        (0..STARTS).find_map(|_| Self::try_start()).expect("chromedriver starts")
    }

    fn try_start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", folder.path()).env("HOME", folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("chromedriver is there once ./test has run");
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let Some(port) = announced_port(&mut output) else {
            process.wait().unwrap();
            return None;
        };
        Some(Self { process, _output: output, port, _folder: folder })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Tells chromedriver to close its browsers and to end.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(connection, "GET /shutdown HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).map(drop)
    }
}

/// Reads up to the line `ChromeDriver was started successfully on port 41234.` Chromedriver ended if there is none.
fn announced_port(output: &mut impl BufRead) -> Option<u16> {
    let mut lines = output.lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("started successfully"))?;
    let port = line.trim_end_matches('.').rsplit(' ').next().unwrap();
    Some(port.parse().unwrap())
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        if self.shut_down().is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
