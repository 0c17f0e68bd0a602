//! A headless Chromium by its DevTools protocol: found, started, asked, ended.
//!
//! For `check --browser` and `doctor`. One process with a profile of its own, deleted at the end.
//! Not here: what is asked of a page.

mod serve;
mod wire;

pub use serve::Server;
pub use wire::Event;

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use wire::Wire;

/// Why a browser can't be asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum BrowserError {
    /// None was found.
    Missing(String),
    /// It did not start; what it said.
    Start(String),
    /// It does not answer, or answers with an error.
    Protocol(String),
    /// The page could not be opened.
    Page(String),
}

impl BrowserError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "browser_missing",
            Self::Start(_) => "browser_start",
            Self::Protocol(_) => "browser_protocol",
            Self::Page(_) => "page_unreadable",
        }
    }

    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Missing(_) => "install Chromium or Chrome, or name one by TOUCHMARK_CHROMIUM",
            Self::Start(_) => "try the browser by hand; TOUCHMARK_CHROMIUM names another",
            Self::Protocol(_) => {
                "try again; if it stays so, name another browser by TOUCHMARK_CHROMIUM"
            }
            Self::Page(_) => "name a page that a browser on this machine can open",
        }
    }
}

impl fmt::Display for BrowserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) | Self::Start(what) | Self::Protocol(what) | Self::Page(what) => {
                f.write_str(what)
            }
        }
    }
}

/// A running browser; it ends with this value.
pub struct Browser {
    child: Child,
    profile: PathBuf,
    wire: Wire,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// `browser_missing`, `browser_start`, `browser_protocol`.
    pub fn start() -> Result<Self, BrowserError> {
        let program = find()?;
        let profile = std::env::temp_dir().join(format!(
            "touchmark-browser-{}-{}",
            std::process::id(),
            unique()
        ));
        let start = |cause: String| BrowserError::Start(format!("{}: {cause}", program.display()));
        std::fs::create_dir_all(&profile).map_err(|cause| start(cause.to_string()))?;
        let mut command = Command::new(&program);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.display()));
        if is_root() {
            // Chromium's sandbox doesn't start for root, as in most CI containers.
            command.arg("--no-sandbox");
        }
        command.arg("about:blank");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|cause| start(cause.to_string()))?;
        let listening = address(&mut child);
        let connected = listening.and_then(|address| Wire::connect(&address));
        match connected {
            Ok(wire) => Ok(Self {
                child,
                profile,
                wire,
            }),
            Err(cause) => {
                let _ = child.kill();
                let _ = child.wait();
                let _ = std::fs::remove_dir_all(&profile);
                Err(start(cause))
            }
        }
    }

    /// Opens an empty tab.
    pub fn tab(&mut self) -> Result<Tab<'_>, BrowserError> {
        let target = self
            .wire
            .call(None, "Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let answer = self.wire.call(None, "Target.attachToTarget", attach)?;
        let session = answer["sessionId"].as_str().unwrap_or_default().to_owned();
        let target = target["targetId"].as_str().unwrap_or_default().to_owned();
        let mut tab = Tab {
            wire: &mut self.wire,
            session,
            target,
            events: Vec::new(),
        };
        for domain in ["Page", "Network", "Runtime", "Log"] {
            tab.call(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(tab)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.wire.call(None, "Browser.close", json!({}));
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// A page in the browser, and everything that it told so far.
pub struct Tab<'b> {
    wire: &'b mut Wire,
    session: String,
    target: String,
    pub events: Vec<Event>,
}

impl Tab<'_> {
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value, BrowserError> {
        let answer = self.wire.call(Some(&self.session), method, params);
        self.gather();
        answer
    }

    /// Runs a script before any of the page's.
    pub fn prepare(&mut self, script: &str) -> Result<(), BrowserError> {
        let params = json!({"source": script});
        self.call("Page.addScriptToEvaluateOnNewDocument", params)
            .map(|_| ())
    }

    /// Opens an address, and waits until the page is loaded and quiet: no request is under way and
    /// its markup is the same for half a second, or `limit` has passed.
    ///
    /// # Errors
    /// `page_unreadable` when the browser can't open it.
    pub fn open(&mut self, url: &str, limit: Duration) -> Result<(), BrowserError> {
        let answer = self.call("Page.navigate", json!({"url": url}))?;
        if let Some(cause) = answer["errorText"].as_str().filter(|text| !text.is_empty()) {
            return Err(BrowserError::Page(format!("{url}: {cause}")));
        }
        let end = Instant::now() + limit;
        let (mut last, mut since) = (String::new(), Instant::now());
        while Instant::now() < end {
            self.wire.wait(Duration::from_millis(50));
            self.gather();
            let state = self.evaluate("[document.readyState, document.querySelectorAll('*').length, performance.getEntriesByType('resource').length].join()");
            let state = state
                .unwrap_or_default()
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if state != last || !state.starts_with("complete") || self.under_way() > 0 {
                (last, since) = (state, Instant::now());
            } else if since.elapsed() >= QUIET {
                break;
            }
        }
        Ok(())
    }

    /// What an expression comes to, promises awaited.
    ///
    /// # Errors
    /// `browser_protocol`, with what was thrown.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value, BrowserError> {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true, "timeout": 10_000});
        let answer = self.call("Runtime.evaluate", params)?;
        if let Some(thrown) = answer["exceptionDetails"].as_object() {
            let text = thrown
                .get("exception")
                .and_then(|one| one["description"].as_str());
            return Err(BrowserError::Protocol(
                text.unwrap_or("the page threw").to_owned(),
            ));
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Waits for events until something holds or the time is over.
    pub fn wait_until(
        &mut self,
        limit: Duration,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> bool {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if holds(self) {
                return true;
            }
            self.wire.wait(Duration::from_millis(50));
            self.gather();
        }
        holds(self)
    }

    /// Requests that were begun and not ended; streams that never end don't count.
    fn under_way(&self) -> usize {
        let mut open = std::collections::BTreeSet::new();
        for event in &self.events {
            let id = event.params["requestId"].as_str().unwrap_or_default();
            match event.method.as_str() {
                "Network.requestWillBeSent" if event.params["type"] != "EventSource" => {
                    open.insert(id);
                }
                "Network.loadingFinished" | "Network.loadingFailed" => {
                    open.remove(id);
                }
                _ => {}
            }
        }
        open.len()
    }

    fn gather(&mut self) {
        let session = &self.session;
        let (ours, others): (Vec<_>, Vec<_>) = self
            .wire
            .events
            .drain(..)
            .partition(|event| event.session == *session);
        self.wire.events = others;
        self.events.extend(ours);
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        let params = json!({"targetId": self.target});
        let _ = self.wire.call(None, "Target.closeTarget", params);
    }
}

/// The browser: the one that is named, else where they usually are.
fn find() -> Result<PathBuf, BrowserError> {
    if let Some(named) = std::env::var_os("TOUCHMARK_CHROMIUM") {
        let path = PathBuf::from(&named);
        if path.is_file() {
            return Ok(path);
        }
        let what = format!(
            "TOUCHMARK_CHROMIUM names {}, which is no file",
            path.display()
        );
        return Err(BrowserError::Missing(what));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let by_name = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = by_name
        .chain(PLACES.iter().map(PathBuf::from))
        .find(|path| path.is_file());
    found.ok_or_else(|| BrowserError::Missing("no Chromium was found".to_owned()))
}

/// Where the browser listens, as it says on standard error.
fn address(child: &mut Child) -> Result<String, String> {
    let stderr = child.stderr.take().ok_or("it has no standard error")?;
    let (tell, told) = mpsc::channel();
    // Goes on reading, so that the browser never waits for somebody to listen.
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    let end = Instant::now() + Duration::from_secs(30);
    let mut said = String::new();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match told.recv_timeout(left) {
            Ok(line) => match line.strip_prefix("DevTools listening on ") {
                Some(address) => return Ok(address.trim().to_owned()),
                None => said = line,
            },
            Err(_) if left.is_zero() => {
                return Err(format!("it did not start within 30 seconds: {said}"));
            }
            Err(_) => return Err(format!("it ended at once: {said}")),
        }
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

fn unique() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Whether a path is a page's file below a folder.
pub fn within(root: &Path, file: &Path) -> Option<String> {
    let path = file.strip_prefix(root).ok()?;
    Some(format!("/{}", path.display()).replace('\\', "/"))
}

const QUIET: Duration = Duration::from_millis(500);
const FLAGS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--mute-audio",
    "--hide-scrollbars",
    "--window-size=1280,900",
];
const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
];
const PLACES: &[&str] = &[
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
