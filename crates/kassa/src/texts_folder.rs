//! The folder with an operator's corrections of the texts that consumers read (docs/languages.md#correct-a-text).

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use kassa_server::Languages;

/// Reads the files of a folder: `de.ftl` corrects German texts. Files with other endings are not read.
pub(crate) fn read(folder: &Path) -> Result<Languages, String> {
    let wrong = |path: &Path, reason: &dyn Display| format!("{}: {reason}", path.display());
    let entries = std::fs::read_dir(folder).map_err(|error| wrong(folder, &error))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| wrong(folder, &error))?.path();
        let Some(tag) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".ftl")) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
        files.insert(tag.to_owned(), text);
    }
    if files.is_empty() {
        return Err(wrong(folder, &"there is no file whose name ends in .ftl"));
    }
    let files = files.iter().map(|(tag, text)| (tag.as_str(), text.as_str()));
    Languages::corrected(files).map_err(|error| wrong(folder, &error))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[track_caller]
    fn refused(name: &str, text: &str, reason: &str) {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        let said = read(folder.path()).unwrap_err();
        assert!(said.starts_with(&format!("{}: {reason}", folder.path().display())), "{said}");
    }

    #[test]
    fn a_file_replaces_the_texts_that_it_has() {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("de.ftl"), "pay = Jetzt bezahlen").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "from the lawyers").unwrap();
        let languages = read(folder.path()).unwrap();
        let texts = languages.of("de-AT");
        assert_eq!((&*texts.pay, &*texts.buy), ("Jetzt bezahlen", "Kaufen"));
    }

    #[test]
    fn a_wrong_folder_or_file_is_named_with_the_reason() {
        refused("de.ftl", "pay_today = X", "de.ftl: pay_today: no page shows a text of this name");
        refused("de.ftl", "pay = { $x }", "de.ftl: pay: Resolver error: Unknown variable: $x");
        refused("xx.ftl", "pay = X", "xx.ftl: the page has no language with this tag");
        refused("de.txt", "pay = X", "there is no file whose name ends in .ftl");
        let said = read(Path::new("/nothing/here")).unwrap_err();
        assert!(said.starts_with("/nothing/here: "), "{said}");
    }
}
