//! Schemes of apps that merchants may send consumers to.

use kassa_engine::is_app_scheme;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let schemes = Vec::<String>::deserialize(source)?;
    read(schemes.iter().map(String::as_str)).map_err(D::Error::custom)
}

/// Returns the schemes. Fails if an app cannot have one of them.
pub(super) fn read<'a>(schemes: impl Iterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let checked = |scheme: &str| match is_app_scheme(scheme) {
        true => Ok(scheme.to_string()),
        false => Err(format!(
            "app_schemes: {scheme} cannot be an app's: it is not one word in lower case, or a browser or an operating \
             system \
             has taken it"
        )),
    };
    schemes.map(checked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_that_an_app_cannot_have_is_refused() {
        assert_eq!(read(["myshop", "my-shop"].into_iter()).unwrap(), ["myshop", "my-shop"]);
        for taken in ["javascript", "search-ms", "ms-msdt", "jar", "MyShop", "my shop", "com.example.app", ""]
        {
            let error = read(["myshop", taken].into_iter()).unwrap_err();
            assert!(error.starts_with(&format!("app_schemes: {taken} cannot be an app's")), "{error}");
        }
    }
}
