//! A site for a browser: paths with their headers and bodies, on a free port.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Answers by path, without the query.
pub type Pages = BTreeMap<String, (String, String)>;

/// A running server; it answers until the test ends.
pub struct Site {
    pub origin: String,
    pub pages: Arc<Mutex<Pages>>,
    /// `METHOD path` of every request, in order.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let site = Self {
            origin,
            pages: Arc::default(),
            asked: Arc::default(),
        };
        let (pages, asked) = (Arc::clone(&site.pages), Arc::clone(&site.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (pages, asked) = (Arc::clone(&pages), Arc::clone(&asked));
                std::thread::spawn(move || answer(stream, &pages, &asked));
            }
        });
        site
    }

    /// Sets what a path answers: headers a line each, of which `Status` is none, and a body.
    pub fn set(&self, path: &str, headers: &str, body: &str) {
        let mut pages = self.pages.lock().expect("unpoisoned");
        pages.insert(path.to_owned(), (headers.to_owned(), body.to_owned()));
    }
}

fn answer(mut stream: TcpStream, pages: &Mutex<Pages>, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
    let mut first = String::new();
    let _ = reader.read_line(&mut first);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let mut words = first.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let path = path.split('?').next().unwrap_or_default().to_owned();
    asked
        .lock()
        .expect("unpoisoned")
        .push(format!("{method} {path}"));
    let known = pages.lock().expect("unpoisoned").get(&path).cloned();
    let (status, headers, body) = match known {
        Some((headers, body)) => ("200 OK", headers, body),
        None => ("404 Not Found", String::new(), "nothing here".to_owned()),
    };
    let own = headers
        .lines()
        .find_map(|line| line.strip_prefix("Status: "));
    let status = own.unwrap_or(status);
    let headers: String = headers
        .lines()
        .filter(|line| !line.starts_with("Status: "))
        .map(|line| format!("{}\r\n", line.trim()))
        .collect();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()));
}
