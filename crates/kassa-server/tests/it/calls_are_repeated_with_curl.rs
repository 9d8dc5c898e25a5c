//! The commands that repeat a call: any byte comes through the shell as it is, and the lab shows a command for each
//! call.

use std::process::Command;

use kassa_openapi::{RepeatableCall, repeated};
use serde_json::json;

use crate::harness::{Receiver, Reply, journey};

/// Bodies that a shell or curl could change.
fn hostile_bodies() -> Vec<Vec<u8>> {
    let texts = [
        "it's",
        "$(id) `id` $HOME \\ ! \" '",
        "@/etc/hostname",
        "-X DELETE",
        "%s %d \\n \\045",
        "one\ntwo\r\n\ttab",
        "å ∑ \u{202e}right to left\u{200b}",
        "'",
        "\\",
        "$'x'",
        "{\"a\": [1]}",
        "!!",
        "~",
        "*",
        " ",
        "\n",
    ];
    let every_byte: Vec<u8> = (0..=255).collect();
    let without_zero = every_byte[1..].to_vec();
    texts.iter().map(|text| text.as_bytes().to_vec()).chain([every_byte, without_zero]).collect()
}

#[test]
fn any_body_comes_through_a_shell_as_it_is() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let receiver = Receiver::start().await;
        let mut count = 0;
        for shell in ["bash", "zsh"] {
            for body in hostile_bodies() {
                receiver.will_reply(&[Reply::Status(200)]);
                let url = format!("{}?q=[1]{{a}}'$HOME", receiver.url());
                let value = "it's \"$HOME\" `id` \\";
                let headers = vec![("content-type", "text/x-hostile"), ("x-note", value), ("x-empty", "")];
                let request = RepeatableCall { method: "POST", url: &url, headers, body: &body };
                let command = repeated(&request);
                run(shell, &command);
                count += 1;
                let received = receiver.wait_for(count).await.pop().unwrap();
                assert_eq!(received.body, body, "{shell}: {command}");
                assert_eq!(received.headers["x-note"], value, "{shell}: {command}");
                assert_eq!(received.headers["x-empty"], "", "{shell}: {command}");
                assert_eq!(received.headers["content-type"], "text/x-hostile", "{shell}: {command}");
                let authorization = received.headers["authorization"].to_str().unwrap();
                assert!(authorization.starts_with("Basic "), "{authorization}");
            }
        }
    });
}

fn run(shell: &str, command: &str) {
    let mut process = Command::new(shell);
    process.args(["-c", &format!("set -e\n{command}\n")]);
    process.env("KASSA_USERNAME", "merchant_user").env("KASSA_PASSWORD", "secret");
    let output = process.output().unwrap();
    assert!(output.status.success(), "{shell}: {command}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_journal_shows_a_command_that_repeats_a_call() {
    journey(async |world| {
        let body = json!({"name": "Tim's \"Shoes\" $HOME"});
        world.merchant.post("/lab/v1/merchants", &body).await;
        world.merchant.delete("/lab/v1/journal").await;
        let session = world.page_session().await;
        let page = world.browser(http::Method::GET, "/lab/of/merchant/journal", bytes::Bytes::new()).await;
        let command = page.text.split("data-testid=\"command\">").nth(1).expect("a command");
        let command = unescaped(command.split("</pre>").next().unwrap());
        assert!(!command.contains("Basic "), "the credential is a placeholder: {command}");
        let before = world.merchant.get("/lab/v1/journal?path=/hpp/v1/sessions").await.json;
        run("bash", &command);
        let after = world.merchant.get("/lab/v1/journal?path=/hpp/v1/sessions").await.json;
        let (first, second) = (&before["entries"][0], &after["entries"][1]);
        assert_eq!(first["session_id"], session.as_str());
        assert_eq!(second["request"]["body"], first["request"]["body"]);
        assert_eq!((&second["method"], &second["path"]), (&first["method"], &first["path"]));
        assert_eq!(second["answer"]["status"], 201, "{second}");
    });
}

/// The text of HTML without tags.
fn unescaped(html: &str) -> String {
    [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(html.to_string(), |text, (entity, sign)| text.replace(entity, sign))
}
