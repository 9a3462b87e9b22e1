//! Debian's Chromium without a screen, spoken to as chromedriver wants it.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::lab::skip;

pub const DESK: u32 = 900;
pub const PHONE: u32 = 390;

pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.ask("DELETE", &format!("/session/{}", self.session), "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// `None`, with a notice, where there is no Chromium.
    pub fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut driver) = command.spawn() else {
            skip("no chromedriver: tests/lab/packages chromium chromium-driver");
            return None;
        };
        let mut out = BufReader::new(driver.stdout.take().unwrap());
        let mut said = String::new();
        let port = loop {
            said.clear();
            assert!(out.read_line(&mut said).unwrap() > 0, "chromedriver says its port");
            if let Some((_, port)) = said.trim_end().split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        // It ends when nobody reads what it says.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let mut browser = Self { driver, port, session: String::new() };
        let arguments =
            ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run"];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}}});
        let answer = browser.ask("POST", "/session", &wanted.to_string());
        answer["sessionId"].as_str().unwrap_or_else(|| panic!("{answer}")).clone_into(&mut browser.session);
        Some(browser)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
        // It does not close, whatever it is asked.
        let mut reader = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}"));
        answer["value"].take()
    }

    #[track_caller]
    fn order(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask("POST", &format!("/session/{}/{path}", self.session), &body.to_string());
        assert!(answer["error"].is_null(), "{path} {body}: {answer}");
        answer
    }

    /// A command of the DevTools.
    #[track_caller]
    fn tool(&self, command: &str, parameters: &Value) -> Value {
        self.order("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// For pages opened from now on: how wide the screen is, whether it is dark, whether pages may run scripts.
    pub fn seen(&self, width: u32, dark: bool, scripts: bool) {
        let scheme = if dark { "dark" } else { "light" };
        self.tool(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
        self.tool(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
        self.tool("Emulation.setScriptExecutionDisabled", &json!({"value": !scripts}));
    }

    pub fn open(&self, url: &str) {
        self.order("url", &json!({"url": url}));
    }

    /// What an expression is in the page.
    #[track_caller]
    pub fn eval(&self, expression: &str) -> Value {
        self.order("execute/sync", &json!({"script": format!("return ({expression})"), "args": []}))
    }

    #[track_caller]
    pub fn text(&self) -> String {
        self.eval("document.body.innerText").as_str().unwrap().to_owned()
    }

    /// Waits for words, without asking for the page again.
    #[track_caller]
    pub fn until(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.text().contains(words) {
            assert!(Instant::now() < end, "`{words}` did not come:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Presses these keys, one after the other. `\u{e004}` is Tab, `\u{e007}` Enter.
    pub fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()})))
            .collect();
        self.order("actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": strokes}]}));
    }

    /// What the console complained of since this was asked last.
    pub fn complaints(&self) -> Vec<String> {
        let lines = self.order("se/log", &json!({"type": "browser"}));
        let wrong = lines.as_array().unwrap().iter().filter(|line| line["level"] != "INFO" && line["level"] != "DEBUG");
        wrong.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What a page of ours must be for everybody: nothing sticks out sideways, and all text can be told from its ground.
    #[track_caller]
    pub fn is_legible(&self, width: u32, dark: bool) {
        let wide = self.eval("document.documentElement.scrollWidth");
        assert!(wide.as_u64().unwrap() <= width.into(), "{wide} wide on {width}");
        let told = self.eval(&format!("({CONTRAST})()"));
        let (ground, worst) = (told["ground"].as_f64().unwrap(), &told["worst"]);
        assert_eq!(ground < 0.2, dark, "{told}");
        assert!(told["texts"].as_u64().unwrap() > 5, "{told}");
        assert_eq!(worst.as_array().unwrap().len(), 0, "text that cannot be read: {told}");
    }

    /// The controls that Tab reaches, in order, each with words that tell it.
    pub fn tabs(&self) -> Vec<String> {
        let name = "(e => e.matches('a,input,button,summary') && getComputedStyle(e).outlineStyle !== 'none' ? \
                    e.tagName + ' ' + (e.name || e.textContent) : '')(document.activeElement)";
        let mut reached: Vec<String> = Vec::new();
        for _ in 0..60 {
            self.press("\u{e004}");
            let at = self.eval(name).as_str().unwrap().to_owned();
            if reached.first() == Some(&at) {
                break;
            }
            if !at.is_empty() {
                reached.push(at);
            }
        }
        reached
    }

    /// The controls that the page has.
    pub fn controls(&self) -> Vec<String> {
        let all = self.eval(
            "[...document.querySelectorAll('a,input:not([type=hidden]),button,summary')]\
             .map(e => e.tagName + ' ' + (e.name || e.textContent))",
        );
        all.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    /// Where pictures are wanted, and only there: the whole page as `docs/NAME`.
    pub fn picture(&self, name: &str) {
        let png = self.png();
        assert!(png.starts_with(b"\x89PNG") && png.len() > 4_000, "{name}: {} bytes", png.len());
        if std::env::var_os("STACKUP_UPDATE_DOCS").is_none() {
            return;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, png).unwrap();
        let mut smaller = Command::new("pngquant");
        smaller.args(["--force", "--strip", "--speed", "1", "--output"]).arg(&path).arg(&path);
        assert!(smaller.status().expect("pngquant is there").success());
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert!(bytes < 200_000, "{name} has {bytes} bytes");
    }

    fn png(&self) -> Vec<u8> {
        let size = self.eval("(r => [r.width, r.height])(document.documentElement.getBoundingClientRect())");
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let taken =
            self.tool("Page.captureScreenshot", &json!({"format": "png", "captureBeyondViewport": true, "clip": clip}));
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }
}

/// WCAG's contrast of every text with what is behind it, and which are below 4.5.
const CONTRAST: &str = r#"() => {
  const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return pen.getImageData(0, 0, 1, 1).data; };
  const light = c => [.2126, .7152, .0722].map((f, n) => { const v = c[n] / 255;
    return f * (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); }).reduce((a, b) => a + b);
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.background = 'Canvas';
  const canvas = rgba(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const behind = e => { for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 200) return c; } return canvas; };
  const worst = []; let texts = 0;
  for (const e of document.body.querySelectorAll('*')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || e instanceof SVGElement || !e.checkVisibility()) continue;
    texts += 1;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
    const told = (a + .05) / (b + .05);
    if (told < 4.5) worst.push(told.toFixed(2) + ' ' + e.outerHTML.slice(0, 120));
  }
  return {ground: light(behind(document.body)), texts, worst};
}"#;
