//! Commands for curl: of the examples, and of recorded calls.

use serde_json::Value;

use crate::document::{Deployment, ExampleCredential};
use crate::operation::{ApiOperation, CallerKind, Kept, KeptPart, Place};
use crate::routes::Described;

mod recorded;
mod shell;

pub use recorded::read_again;
pub use shell::quoted;

/// A request to repeat.
#[derive(Clone, Debug)]
pub struct RepeatableCall<'a> {
    /// The method.
    pub method: &'a str,
    /// The URL.
    pub url: &'a str,
    /// The headers to send, without the login.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body. An empty one is not sent.
    pub body: &'a [u8],
}

/// The command that repeats a request with the credential in shell variables. It runs in bash and in zsh.
#[must_use]
pub fn repeated(request: &RepeatableCall<'_>) -> String {
    let mut command = Command::new(request.method, request.url, &quoted(request.url.as_bytes()));
    command.add(r#"-u "$KASSA_USERNAME:$KASSA_PASSWORD""#);
    for (name, value) in &request.headers {
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.add(&format!("-H {}", quoted(header.as_bytes())));
    }
    // An argument cannot contain a zero byte, so such a body comes through a pipe.
    if request.body.contains(&0) {
        command.add("--data-binary @-");
        return format!("{} |\n  {}", shell::printed(request.body), command.0);
    }
    if !request.body.is_empty() {
        // Without a content type of its own, curl would send that of a form.
        if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            command.add("-H 'content-type:'");
        }
        command.add(&format!("--data-raw {}", quoted(request.body)));
    }
    command.0
}

/// A command under construction: one argument on each line.
struct Command(String);

impl Command {
    fn new(method: &str, url: &str, argument: &str) -> Self {
        // curl would read brackets and braces of a URL as a pattern.
        let curl = if url.contains(['[', ']', '{', '}']) { "curl --globoff" } else { "curl" };
        Self(match method {
            "GET" => format!("{curl} {argument}"),
            "HEAD" => format!("{curl} -I {argument}"),
            method => format!("{curl} -X {} {argument}", quoted(method.as_bytes())),
        })
    }

    fn add(&mut self, argument: &str) {
        self.0.push_str(" \\\n  ");
        self.0.push_str(argument);
    }
}

/// The example command of an operation.
pub(crate) fn example(described: &Described, deployment: &Deployment) -> String {
    let operation = described.operation;
    let url = with_variables(&example_url(described, deployment));
    let mut command = Command::new(described.method.as_str(), "", &url);
    if let Some(login) = login(operation.caller, &deployment.credential) {
        command.add(&login);
    }
    let headers = operation.parameters.iter().filter(|parameter| parameter.place == Place::Header);
    for (name, value) in headers.filter_map(|header| Some((header.name, header.example?))) {
        command.add(&format!("-H {}", with_variables(&format!("{name}: {value}"))));
    }
    if let Some(body) = operation.body.filter(|body| !body.example.is_empty()) {
        command.add("-H 'Content-Type: application/json'");
        command.add(&match body.example.strip_prefix('@') {
            Some(file) => format!("--data-binary @{file}"),
            None => format!("-d {}", with_variables(&with_addresses(body.example, deployment))),
        });
    }
    match operation.kept {
        Some(kept) => keeping(&command.0, kept),
        None => command.0.replacen("curl", "curl -i", 1),
    }
}

/// Fills in the addresses of the server and of a shop.
fn with_addresses(example: &str, deployment: &Deployment) -> String {
    let shop = match deployment.credential {
        ExampleCredential::Fixed { .. } => "http://localhost:3000",
        ExampleCredential::Variables => "https://shop.example",
    };
    example.replace("{KASSA_URL}", &deployment.base_url).replace("{SHOP_URL}", shop)
}

/// The example body as JSON, with sample values in the place of shell variables.
pub(crate) fn example_body(operation: &ApiOperation, deployment: &Deployment) -> Option<Value> {
    let example = operation.body.map_or("", |body| body.example);
    let text = with_addresses(example, deployment);
    let pieces = pieces(&text);
    let text: String = pieces.map(|piece| if piece.is_variable { SAMPLE_ID } else { piece.text }).collect();
    serde_json::from_str(&text).ok()
}

/// A sample of an id.
const SAMPLE_ID: &str = "0b1d9815-165e-42e2-8867-35bc03789e00";

fn example_url(described: &Described, deployment: &Deployment) -> String {
    let mut path = described.path.clone();
    let mut query = String::new();
    for parameter in described.operation.parameters {
        let Some(example) = parameter.example else { continue };
        match parameter.place {
            Place::Path => path = path.replace(&format!("{{{}}}", parameter.name), example),
            Place::Query => {
                let separator = if query.is_empty() { '?' } else { '&' };
                query.push_str(&format!("{separator}{}={example}", parameter.name));
            }
            Place::Header => {}
        }
    }
    format!("{}{path}{query}", deployment.base_url)
}

fn login(caller: CallerKind, credential: &ExampleCredential) -> Option<String> {
    match (caller, credential) {
        (CallerKind::Everyone, _) => None,
        (CallerKind::Operator, _) => Some(r#"-u "$KASSA_OPERATOR:$KASSA_OPERATOR_PASSWORD""#.to_string()),
        (CallerKind::Merchant, ExampleCredential::Variables) => {
            Some(r#"-u "$KASSA_USERNAME:$KASSA_PASSWORD""#.to_string())
        }
        (CallerKind::Merchant, ExampleCredential::Fixed { username, password }) => {
            Some(format!("-u {username}:{password}"))
        }
    }
}

/// The command that shows the answer and keeps a part of it in a variable, or the whole answer in a file.
fn keeping(command: &str, Kept { variable, from }: Kept) -> String {
    match from {
        KeptPart::Body => format!("{command} \\\n  -o {variable}"),
        KeptPart::Field(field) => {
            let command = command.replacen("curl", "curl -s", 1);
            let filter = quoted(format!(".{field}").as_bytes());
            format!("{variable}=$({command} |\n  tee /dev/stderr | jq -r {filter})")
        }
        KeptPart::Header(header) => {
            let command = command.replacen("curl", "curl -si", 1);
            format!("{variable}=$({command} |\n  tee /dev/stderr | tr -d '\\r' | sed -n 's/^{header}: //p')")
        }
    }
}

/// Quotes a text of an example for the shell. Variables in braces are filled in by the shell. No letter follows them.
fn with_variables(text: &str) -> String {
    let quote = |piece: Piece<'_>| match piece {
        Piece { is_variable: true, text } => format!("\"${text}\""),
        Piece { is_variable: false, text } => quoted(text.as_bytes()),
    };
    let has_variable = pieces(text).any(|piece| piece.is_variable);
    if has_variable && !text.contains(['"', '$', '`', '\\', '!']) {
        let fill = |piece: Piece<'_>| {
            if piece.is_variable { format!("${}", piece.text) } else { piece.text.to_string() }
        };
        return format!("\"{}\"", pieces(text).map(fill).collect::<String>());
    }
    pieces(text).map(quote).collect()
}

/// A part of the text of an example.
struct Piece<'a> {
    text: &'a str,
    is_variable: bool,
}

/// Divides a text at its shell variables, such as `{SESSION_ID}`.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (start, end) = next_variable(rest).unwrap_or((rest.len(), rest.len()));
        let (piece, after) = match start {
            0 => (Piece { text: &rest[1..end - 1], is_variable: true }, end),
            start => (Piece { text: &rest[..start], is_variable: false }, start),
        };
        rest = &rest[after..];
        Some(piece)
    })
}

/// The place of the next variable with its braces.
fn next_variable(text: &str) -> Option<(usize, usize)> {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    text.match_indices('{').find_map(|(start, _)| {
        let length = text[start..].find('}')?;
        is_name(&text[start + 1..start + length]).then_some((start, start + length + 1))
    })
}
