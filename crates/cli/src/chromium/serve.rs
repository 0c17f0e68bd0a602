//! A folder served as a site, so that a browser finds a page's scripts where they are asked for.
//!
//! On 127.0.0.1 and a free port, files only, for as long as the value lives.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use touchmark::schema::full::index::percent_decoded;

/// A running server.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Serves `root` as `/`.
    ///
    /// # Errors
    /// What keeps it from listening.
    pub fn start(root: &Path) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://{}", listener.local_addr()?);
        let stop = Arc::new(AtomicBool::new(false));
        let (root, told) = (root.to_owned(), Arc::clone(&stop));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if told.load(Ordering::Relaxed) {
                    return;
                }
                let root = root.clone();
                std::thread::spawn(move || answer(stream, &root));
            }
        });
        Ok(Self { origin, stop })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then ends.
        let address = self.origin.trim_start_matches("http://");
        let _ = TcpStream::connect(address);
    }
}

fn answer(mut stream: TcpStream, root: &Path) {
    let mut head = String::new();
    let mut reader = BufReader::new(&stream);
    while reader.read_line(&mut head).is_ok_and(|count| count > 2) {}
    let path = head.split(' ').nth(1).unwrap_or("/");
    let file = file_of(root, path).and_then(|file| Some((std::fs::read(&file).ok()?, file)));
    let (status, kind, body) = match file {
        Some((body, file)) => ("200 OK", typed(&file, &body), body),
        None => ("404 Not Found", "text/plain", b"not found".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A browser that goes away is no fault of ours.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body));
}

/// The file of a path; never one outside of the root.
fn file_of(root: &Path, path: &str) -> Option<PathBuf> {
    let path = path.split(['?', '#']).next()?;
    let mut file = root.to_owned();
    for part in percent_decoded(path)
        .split('/')
        .filter(|part| !part.is_empty())
    {
        if part == ".." || part.contains(['\\', '\0', ':']) {
            return None;
        }
        file.push(part);
    }
    if file.is_dir() {
        Some(file.join("index.html"))
    } else {
        Some(file)
    }
}

/// The type of a file, of a page with UTF-8 only where it says nothing itself: what a header says wins
/// over the page's own word, which is what visitors go by.
fn typed(file: &Path, body: &[u8]) -> &'static str {
    let kind = mime(file);
    let start = body[..body.len().min(SCANNED)].to_ascii_lowercase();
    let has = |text: &[u8]| start.windows(text.len()).any(|part| part == text);
    let has_mark = MARKS.iter().any(|mark| body.starts_with(mark));
    let says = has_mark || has(b"<meta") && has(b"charset");
    match kind {
        HTML if !says => "text/html; charset=utf-8",
        kind => kind,
    }
}

fn mime(file: &Path) -> &'static str {
    let end = file
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    let known = TYPES.iter().find(|(name, _)| *name == end);
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

const HTML: &str = "text/html";
/// Where browsers look for a page's own word. Source: WHATWG HTML, "prescan a byte stream".
const SCANNED: usize = 1024;
/// Byte order marks of UTF-8 and UTF-16.
const MARKS: &[&[u8]] = &[b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"];
const TYPES: &[(&str, &str)] = &[
    ("html", HTML),
    ("htm", HTML),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("css", "text/css"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{file_of, typed};

    #[test]
    fn a_page_says_its_own_encoding() {
        let page = Path::new("a/index.html");
        for (text, expect) in [
            (&b"<p>none"[..], "text/html; charset=utf-8"),
            (b"<META CharSet=windows-1252><p>", "text/html"),
            (
                b"<meta http-equiv=content-type content='text/html; charset=shift_jis'>",
                "text/html",
            ),
            (b"\xff\xfe<\0p\0", "text/html"),
            (b"<p>charset", "text/html; charset=utf-8"),
        ] {
            assert_eq!(typed(page, text), expect, "{text:?}");
        }
        let late = format!("{}<meta charset=windows-1252>", " ".repeat(1024));
        assert_eq!(
            typed(page, late.as_bytes()),
            "text/html; charset=utf-8",
            "browsers look at the first 1,024 bytes"
        );
        assert_eq!(
            typed(Path::new("a.js"), b"charset <meta"),
            "text/javascript"
        );
    }

    #[test]
    fn nothing_outside_of_the_root_is_served() {
        let root = Path::new("/site");
        for path in [
            "/../etc/passwd",
            "/a/%2e%2e/%2e%2e/etc",
            "/a\\..\\b",
            "/..%2f..%2fetc",
        ] {
            let file = file_of(root, path);
            assert!(
                file.is_none_or(|file| !file.to_string_lossy().contains("..")),
                "{path}"
            );
        }
        assert_eq!(
            file_of(root, "/a%20b/c.js?x#y").as_deref(),
            Some(Path::new("/site/a b/c.js"))
        );
    }
}
