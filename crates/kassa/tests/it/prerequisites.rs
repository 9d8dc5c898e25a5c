//! The programs and files that some tests need beyond Rust. A test that does not find them checks nothing, and passes.
//! Each run prints the list of what was not checked, because `.config/nextest.toml` shows the output of the test here.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Something that `./test` installs.
pub struct Prerequisite {
    /// The subject that is not checked without it.
    pub checks: &'static str,
    need: Need,
}

enum Need {
    /// The path of what `./test` installed is in this variable.
    Variable(&'static str),
    /// This file exists.
    File(&'static str),
    /// This command succeeds.
    Command(&'static [&'static str]),
}

pub const ARTIFACTS: Prerequisite =
    Prerequisite { checks: "the artifacts of tools/dist", need: Need::Variable("KASSA_DIST") };

pub const FUZZER: Prerequisite =
    Prerequisite { checks: "the answers of the APIs to made-up calls", need: Need::Variable("KASSA_FUZZER") };

pub const PYTHON_KIT: Prerequisite =
    Prerequisite { checks: "the test kit for Python", need: Need::Variable("KASSA_KIT_PYTHON") };

pub const NODE_KIT: Prerequisite = Prerequisite {
    checks: "the test kit for Node with vitest, jest, Playwright and TypeScript",
    need: Need::Variable("KASSA_KIT_NODE"),
};

pub const PHP_KIT: Prerequisite =
    Prerequisite { checks: "the test kit for PHP", need: Need::Command(&["phpunit", "--version"]) };

pub const JAVA_KIT: Prerequisite =
    Prerequisite { checks: "the test kit for Java", need: Need::Command(&["javac", "-version"]) };

pub const JUNIT: Prerequisite = Prerequisite {
    checks: "the test kit for Java with JUnit",
    need: Need::File("/usr/share/java/junit-platform-console.jar"),
};

pub const JACKSON: Prerequisite = Prerequisite {
    checks: "the test kit for Java with Jackson",
    need: Need::File("/usr/share/java/jackson-databind.jar"),
};

pub const SKOPEO: Prerequisite =
    Prerequisite { checks: "the settings of the OCI image", need: Need::Command(&["skopeo", "--version"]) };

/// Only root may make a mount namespace, and some containers forbid it.
pub const UNSHARE: Prerequisite = Prerequisite {
    checks: "the OCI image as the whole file system of a static binary",
    need: Need::Command(&["unshare", "--mount", "true"]),
};

pub const ZSH: Prerequisite = Prerequisite {
    checks: "the commands of the documents in zsh",
    need: Need::Command(&["zsh", "--version"]),
};

pub const MAIL_SERVER: Prerequisite = Prerequisite {
    checks: "e-mails to consumers",
    need: Need::Command(&["/usr/bin/python3", "-c", "import aiosmtpd"]),
};

pub const PAYU_SIMULATOR: Prerequisite = Prerequisite {
    checks: "the example adapter for PayU with the simulator",
    need: Need::Variable("PAYU_SIMULATOR_PYTHON"),
};

const ALL: [Prerequisite; 13] = [
    ARTIFACTS,
    FUZZER,
    PYTHON_KIT,
    NODE_KIT,
    PHP_KIT,
    JAVA_KIT,
    JUNIT,
    JACKSON,
    SKOPEO,
    UNSHARE,
    ZSH,
    MAIL_SERVER,
    PAYU_SIMULATOR,
];

impl Prerequisite {
    pub fn is_there(&self) -> bool {
        match self.need {
            Need::Variable(_) => self.path().is_some(),
            Need::File(path) => Path::new(path).exists(),
            Need::Command(command) => {
                let output = Command::new(command[0]).args(&command[1..]).output();
                output.is_ok_and(|output| output.status.success())
            }
        }
    }

    /// The path in the variable, if `./test` has set it.
    pub fn path(&self) -> Option<OsString> {
        let Need::Variable(name) = self.need else { panic!("{} has no variable", self.checks) };
        std::env::var_os(name).filter(|path| !path.is_empty())
    }

    /// Why it is not there.
    fn reason(&self) -> String {
        match self.need {
            Need::Variable(name) => format!("{name} is not set"),
            Need::File(path) => format!("{path} does not exist"),
            Need::Command(command) => format!("`{}` fails", command.join(" ")),
        }
    }
}

#[test]
fn the_output_names_what_is_not_checked() {
    for missing in ALL.iter().filter(|one| !one.is_there()) {
        println!("NOT CHECKED: {}, because {}", missing.checks, missing.reason());
    }
}

#[test]
fn a_missing_prerequisite_has_its_reason() {
    let reasons = [
        (Need::Variable("KASSA_NO_SUCH_VARIABLE"), "KASSA_NO_SUCH_VARIABLE is not set"),
        (Need::File("/no/file"), "/no/file does not exist"),
        (Need::Command(&["false", "--version"]), "`false --version` fails"),
        (Need::Command(&["/no/program"]), "`/no/program` fails"),
    ];
    for (need, reason) in reasons {
        let missing = Prerequisite { checks: "nothing", need };
        assert!(!missing.is_there(), "{reason}");
        assert_eq!(missing.reason(), reason);
    }
    assert!(Prerequisite { checks: "nothing", need: Need::Command(&["true"]) }.is_there());
    assert!(Prerequisite { checks: "nothing", need: Need::File("/") }.is_there());
}
