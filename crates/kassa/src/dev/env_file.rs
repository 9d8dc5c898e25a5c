//! The file with the settings for the user's own software: its address, and the credential. Shells, containers and
//! libraries read its form, lines of `NAME=value`.

use std::fs::{File, Metadata};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The first line of a file that Kassa may replace.
const FIRST_LINE: &str = "# Written by kassa dev";

/// A file that Kassa may write: it does not exist, it is empty, or Kassa wrote it.
#[derive(Debug)]
pub(super) struct EnvFile {
    path: PathBuf,
    folder: PathBuf,
}

impl EnvFile {
    /// Accepts a path, or refuses it before anything starts.
    pub(super) fn at(path: &Path) -> Result<Self, Failure> {
        let refused = |reason: String| Failure::Usage(format!("--env-file {}: {reason}", path.display()));
        let existing = match path.metadata() {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(refused(error.to_string())),
        };
        if existing.is_some_and(|metadata| !is_replaceable(path, &metadata)) {
            return Err(refused(format!(
                "something else is there: its first line is not \"{FIRST_LINE}\". Give another path, or delete it"
            )));
        }
        // The file behind a symbolic link is replaced, and not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(refused(format!("the folder {} does not exist", folder.display())));
        }
        Ok(Self { folder: folder.to_path_buf(), path })
    }

    /// Writes the settings. A reader sees the whole file or none, and only the owner can read it.
    pub(super) fn write(&self, settings: &[(&str, &str)]) -> Result<(), Failure> {
        // Another program may have written the file since the start.
        let Self { path, folder } = Self::at(&self.path)?;
        let refused =
            |error: std::io::Error| Failure::Usage(format!("--env-file {}: {error}", path.display()));
        let lines: String = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let mut file = tempfile::Builder::new().prefix(".kassa-").tempfile_in(&folder).map_err(refused)?;
        write!(file, "{FIRST_LINE}\n{lines}").and_then(|()| file.as_file().sync_all()).map_err(refused)?;
        file.persist(&path).map_err(|error| refused(error.error))?;
        Ok(())
    }
}

fn is_replaceable(path: &Path, metadata: &Metadata) -> bool {
    metadata.is_file() && (metadata.len() == 0 || first_line(path).is_ok_and(|line| line == FIRST_LINE))
}

fn first_line(path: &Path) -> std::io::Result<String> {
    let longest = FIRST_LINE.len() as u64 + 2;
    let mut line = String::new();
    BufReader::new(File::open(path)?.take(longest)).read_line(&mut line)?;
    Ok(line.trim_end().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    fn written(path: &Path) -> String {
        assert!(EnvFile::at(path).is_ok_and(|file| file.write(&[("KASSA_URL", "http://a")]).is_ok()));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_file_is_its_owners_and_a_later_start_replaces_it() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("kassa.env");
        let expected = "# Written by kassa dev\nKASSA_URL=http://a\n";
        assert_eq!(written(&path), expected);
        std::fs::write(&path, "# Written by kassa dev\nOLD=1\n").unwrap();
        assert_eq!(written(&path), expected);
        std::fs::write(&path, "").unwrap();
        assert_eq!(written(&path), expected, "an empty file is nobody's");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_file_of_somebody_else_is_not_replaced() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(".env");
        for text in
            ["DATABASE=postgres://shop\n", "# Written by kassa developers\n", "# Written by", "\u{0}\u{ff}"]
        {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(EnvFile::at(&path), Err(Failure::Usage(_))), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        for path in [folder.path().to_path_buf(), folder.path().join("absent/.env"), path.join("x")] {
            assert!(matches!(EnvFile::at(&path), Err(Failure::Usage(_))), "{}", path.display());
        }
    }

    #[test]
    fn a_file_that_appears_after_the_start_is_not_replaced() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(".env");
        let Ok(file) = EnvFile::at(&path) else { panic!("nothing is there") };
        std::fs::write(&path, "MINE=1\n").unwrap();
        assert!(matches!(file.write(&[]), Err(Failure::Usage(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "MINE=1\n");
    }

    #[test]
    fn a_symbolic_link_stays() {
        let folder = TempDir::new().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        std::fs::write(&file, "").unwrap();
        symlink(&file, &link).unwrap();
        assert!(written(&link).starts_with("# Written by kassa dev\n"));
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), std::fs::read_to_string(&link).unwrap());
    }
}
