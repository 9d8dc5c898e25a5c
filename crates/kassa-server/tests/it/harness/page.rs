//! Uses the consumer's page as a browser without scripts does.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::{Answer, World};

/// The page in the last answer.
pub struct Page<'a> {
    world: &'a World,
    path: String,
    pub status: u16,
    pub html: String,
    pub location: String,
    headers: HeaderMap,
}

impl<'a> Page<'a> {
    /// Opens the link of a session.
    pub async fn open(world: &'a World, session: &str) -> Self {
        let link = world.link_of(session);
        Self::open_link(world, link.strip_prefix(&world.url).unwrap()).await
    }

    pub async fn open_link(world: &'a World, path: &str) -> Self {
        let (html, location) = (String::new(), String::new());
        let mut page =
            Self { world, path: path.to_string(), status: 0, html, location, headers: HeaderMap::new() };
        page.call(Method::GET, path, Bytes::new()).await;
        page
    }

    /// The page in an answer.
    pub fn showing(world: &'a World, path: &str, answer: &Answer) -> Self {
        Self {
            world,
            path: path.to_string(),
            status: answer.status,
            html: answer.text.clone(),
            location: answer.header("location").to_string(),
            headers: answer.headers.clone(),
        }
    }

    /// The value of a field, as the page shows it.
    pub fn value(&self, name: &str) -> String {
        self.input(name).unwrap_or_else(|| panic!("no {name} in {}", self.html))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn link(&self) -> String {
        format!("{}{}", self.world.url, self.path)
    }

    pub fn has(&self, test_id: &str) -> bool {
        self.html.contains(&format!("data-testid=\"{test_id}\""))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookies that the answer set, as the browser sends them back.
    pub fn cookies(&self) -> String {
        let set = self.headers.get_all("set-cookie").iter();
        let pairs: Vec<_> = set.filter_map(|cookie| cookie.to_str().unwrap().split(';').next()).collect();
        pairs.join("; ")
    }

    /// The page's form, filled in.
    pub fn form(&self, email: &str, code: &str) -> Vec<(&'static str, String)> {
        let mut form = vec![("email", email.to_string()), ("one_time_code", code.to_string())];
        for name in ["order_seen", "fell_back", "payment_method_category"] {
            if let Some(value) = self.input(name) {
                form.push((name, value));
            }
        }
        form
    }

    /// The value of the first input with this name.
    fn input(&self, name: &str) -> Option<String> {
        let inputs = self.html.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
        let own = inputs.into_iter().find(|tag| tag.contains(&format!("name=\"{name}\"")))?;
        own.split("value=\"").nth(1)?.split('"').next().map(str::to_string)
    }

    pub async fn pay(&mut self, email: &str, code: &str) {
        let form = self.form(email, code);
        self.post("pay", &form).await;
    }

    pub async fn post(&mut self, act: &str, form: &[(&'static str, String)]) {
        let mut body = String::new();
        for (name, value) in form {
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            write!(body, "{name}={encoded}&").unwrap();
        }
        let path = format!("{}/{act}", self.path);
        self.call(Method::POST, &path, body.into()).await;
    }

    /// Follows a redirect once, as a browser does after a form.
    pub async fn follow(&mut self) {
        assert_eq!(self.status, 303, "{}", self.html);
        let path = self.location.clone();
        self.call(Method::GET, &path, Bytes::new()).await;
    }

    async fn call(&mut self, method: Method, path: &str, body: Bytes) {
        let answer = self.world.browser(method, path, body).await;
        self.status = answer.status;
        self.location = answer.header("location").to_string();
        self.html = answer.text;
        self.headers = answer.headers;
    }
}

/// The text of the element with this test id.
pub fn text<'a>(html: &'a str, test_id: &str) -> &'a str {
    let start = format!("data-testid=\"{test_id}\">");
    html.split(&start).nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default()
}

/// Returns the text of a QR code in a PNG.
pub fn decoded_qr(image: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(image));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let width = info.width as usize;
    let grey = |x: usize, y: usize| pixels[y * width + x];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, info.height as usize, grey);
    image.detect_grids()[0].decode().unwrap().1
}
