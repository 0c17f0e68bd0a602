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
        Some((body, file)) => ("200 OK", mime(&file), body),
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

fn mime(file: &Path) -> &'static str {
    let end = file
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    let known = TYPES.iter().find(|(name, _)| *name == end);
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("htm", "text/html; charset=utf-8"),
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

    use super::file_of;

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
