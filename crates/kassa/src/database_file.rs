//! The folder and the permissions of the SQLite file. Only its owner can read it.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::config::{READABLE_DATABASE, is_open_to_others};
use crate::failure::Failure;

/// The mode bit of a folder in which users can delete only their own files.
const STICKY: u32 = 0o1000;

/// Whether the operator accepts a file that other users can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Only the owner can read the file.
    OwnerOnly,
    /// `readable-database` was accepted: the mode of the file stays unchanged.
    AsItIs,
}

/// Creates a folder for data and its missing parents, readable only by the owner. An existing folder stays unchanged.
pub(crate) fn create_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Refuses a path that cannot be a file's.
pub(crate) fn check_path(path: &Path) -> Result<(), Failure> {
    let refused = |reason: String| Err(Failure::Usage(format!("database: {reason}")));
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.metadata() {
        Ok(folder) if folder.is_dir() && !path.is_dir() => {}
        Ok(_) => return refused(format!("{} is not the path of a file", path.display())),
        Err(error) => return refused(format!("the folder {}: {error}", folder.display())),
    }
    warn_of_open_folder(folder);
    Ok(())
}

/// Removes the permissions of other users from an open database file. Earlier versions created it readable for
/// everybody, so an upgrade must do this itself. The file was opened before, so it is known to be a database of Kassa.
pub(crate) fn restrict_to_owner(path: &Path, sharing: Sharing) -> Result<(), Failure> {
    if sharing == Sharing::AsItIs {
        return Ok(());
    }
    for (file, mode) in open_files(path) {
        if let Err(error) = std::fs::set_permissions(&file, Permissions::from_mode(0o600)) {
            return Err(Failure::Usage(format!(
                "{READABLE_DATABASE}: {} holds secrets and is open to others (mode {mode:o}), which cannot be changed \
                 ({error}): chmod 600 it, or list {READABLE_DATABASE} under accept_unsafe",
                file.display()
            )));
        }
        tracing::warn!(
            file = %file.display(),
            "the database file was open to others (mode {mode:o}): it is its owner's alone now (mode 600)"
        );
    }
    Ok(())
}

/// The existing files of the database that other users can access, with their modes.
pub(crate) fn open_files(path: &Path) -> Vec<(PathBuf, u32)> {
    let files = ["", "-wal", "-shm"].map(|ending| {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        PathBuf::from(file)
    });
    let is_open = |file: PathBuf| {
        let metadata = file.metadata().ok()?;
        is_open_to_others(&metadata).then(|| (file, metadata.permissions().mode() & 0o777))
    };
    files.into_iter().filter_map(is_open).collect()
}

/// Warns if everybody can write to the folder, because then another user can replace the database.
pub(crate) fn warn_of_open_folder(folder: &Path) {
    let mode = folder.metadata().map_or(0, |folder| folder.permissions().mode());
    if mode & 0o002 != 0 && mode & STICKY == 0 {
        tracing::warn!(
            folder = %folder.display(),
            "everybody may write the database's folder, and replace the database: chmod o-w it"
        );
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_database_file_and_its_log_lose_the_permissions_of_others() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("kassa.db");
        let files = ["kassa.db", "kassa.db-wal", "kassa.db-shm"].map(|name| folder.path().join(name));
        for (path, open) in files.iter().zip([0o644, 0o640, 0o606]) {
            std::fs::write(path, "").unwrap();
            std::fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
        }
        assert!(restrict_to_owner(&file, Sharing::AsItIs).is_ok());
        assert_eq!(files.each_ref().map(|path| mode(path)), [0o644, 0o640, 0o606]);
        assert!(restrict_to_owner(&file, Sharing::OwnerOnly).is_ok());
        assert_eq!(files.each_ref().map(|path| mode(path)), [0o600; 3]);
        assert_eq!(open_files(&file), []);
    }

    #[test]
    fn a_path_that_cannot_be_a_file_is_refused() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let missing = folder.path().join("missing/kassa.db");
        for path in [missing.as_path(), folder.path(), &file.join("kassa.db")] {
            assert!(matches!(check_path(path), Err(Failure::Usage(_))), "{}", path.display());
        }
        for path in [folder.path().join("kassa.db").as_path(), &file, Path::new("kassa.db")] {
            assert!(check_path(path).is_ok(), "{}", path.display());
        }
    }

    #[test]
    fn a_created_folder_is_readable_only_by_its_owner() {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("a/b");
        create_folder(&data).unwrap();
        assert_eq!((mode(&folder.path().join("a")), mode(&data)), (0o700, 0o700));
        create_folder(&data).unwrap();
    }
}
