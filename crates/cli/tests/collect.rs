//! `touchmark collect` as a program: what it prints, how it stops, why it does not start.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running `touchmark collect`; killed with its value.
struct Collect {
    child: Child,
    stdout: BufReader<ChildStdout>,
    ingestion: String,
    operator: String,
    token: String,
}

impl Collect {
    fn start(folder: &Folder, flags: &[&str]) -> Self {
        let free = ["--listen", "127.0.0.1:0", "--operator", "0"];
        Self::of(collect(folder, &free).args(flags).spawn().expect("starts"))
    }

    /// Reads the addresses that a started one prints.
    fn of(mut child: Child) -> Self {
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut after = |word: &str| {
            let mut line = String::new();
            stdout.read_line(&mut line).expect("a line");
            line.trim_end()
                .strip_prefix(word)
                .unwrap_or_else(|| panic!("not {word}: {line}"))
                .to_owned()
        };
        let ingestion = after("ingestion http://")
            .trim_end_matches("/v1/events")
            .to_owned();
        let operator = after("operator http://");
        let (operator, token) = operator.split_once("/?token=").expect("a token");
        let (operator, token) = (operator.to_owned(), token.to_owned());
        Self {
            child,
            stdout,
            ingestion,
            operator,
            token,
        }
    }

    /// The ids of everything that is stored, in order.
    fn ids(&self) -> Vec<String> {
        let mut stream = TcpStream::connect(&self.operator).expect("connected");
        let (host, token) = (&self.operator, &self.token);
        write!(stream, "GET /all?limit=10000 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("HTTP");
        assert!(head.contains(" 200 "), "{head}");
        let rows: Vec<Value> = serde_json::from_str(body).expect("JSON");
        rows.iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// Ends it at once; what it said of errors.
    fn kill(mut self) -> String {
        self.child.kill().expect("killed");
        let mut said = String::new();
        let mut pipe = self.child.stderr.take().expect("stderr");
        pipe.read_to_string(&mut said).expect("text");
        said
    }

    /// Sends a signal and waits for the end; what was printed after the addresses.
    fn end(mut self, signal: &str) -> String {
        kill(&self.child, signal);
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().expect("waits") {
                assert!(status.success(), "{status}");
                break;
            }
            assert!(Instant::now() < deadline, "still running");
            std::thread::yield_now();
        }
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        rest
    }
}

impl Drop for Collect {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[cfg(unix)]
fn sigterm_in_mid_load_loses_nothing_that_was_answered_202() {
    let folder = Folder::new();
    let running = Collect::start(&folder, &[]);
    let next = AtomicUsize::new(0);
    let answered = AtomicUsize::new(0);
    let (printed, accepted) = std::thread::scope(|scope| {
        let (address, next, answered) = (running.ingestion.clone(), &next, &answered);
        let senders: Vec<_> = (0..8)
            .map(|_| {
                let address = address.clone();
                scope.spawn(move || send_until_refused(&address, next, answered))
            })
            .collect();
        let deadline = Instant::now() + DEADLINE;
        while answered.load(Ordering::Relaxed) < 200 {
            assert!(Instant::now() < deadline, "too slow");
            std::thread::yield_now();
        }
        let printed = running.end("TERM");
        let accepted = senders
            .into_iter()
            .flat_map(|sender| sender.join().expect("sent"));
        (printed, accepted.collect::<Vec<_>>())
    });
    assert!(accepted.len() >= 200);

    let again = Collect::start(&folder, &[]);
    let stored = again.ids();
    let unique: HashSet<_> = stored.iter().collect();
    assert_eq!(unique.len(), stored.len(), "each once");
    let lost: Vec<_> = accepted.iter().filter(|id| !unique.contains(id)).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    assert!(
        printed.contains(&format!("stopped: {} events stored", stored.len())),
        "{printed}"
    );
}

/// Kills it again and again, each time at another moment, on one database.
#[test]
#[cfg(unix)]
fn kill_9_at_any_moment_loses_nothing_that_was_answered_202() {
    let rounds = match std::env::var("TOUCHMARK_TEST_ALL") {
        Ok(_) => 200,
        Err(_) => 12,
    };
    let folder = Folder::new();
    let next = AtomicUsize::new(0);
    let mut accepted = HashSet::new();
    // Any spread will do; the same at each run, so that a failure comes again.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..rounds {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let enough = seed % 300;
        let mut running = Collect::start(&folder, &["--quiet"]);
        let answered = AtomicUsize::new(0);
        let more = std::thread::scope(|scope| {
            let (address, next, answered) = (running.ingestion.clone(), &next, &answered);
            let senders: Vec<_> = (0..8)
                .map(|_| {
                    let address = address.clone();
                    scope.spawn(move || send_until_refused(&address, next, answered))
                })
                .collect();
            let deadline = Instant::now() + DEADLINE;
            while (answered.load(Ordering::Relaxed) as u64) < enough {
                assert!(Instant::now() < deadline, "too slow");
                std::thread::yield_now();
            }
            running.child.kill().expect("killed");
            running.child.wait().expect("ended");
            let more = senders
                .into_iter()
                .flat_map(|sender| sender.join().expect("sent"));
            more.collect::<Vec<_>>()
        });
        accepted.extend(more);
        let again = Collect::start(&folder, &["--quiet"]);
        let stored = again.ids();
        let unique: HashSet<_> = stored.iter().cloned().collect();
        assert_eq!(unique.len(), stored.len(), "round {round}: each once");
        let lost: Vec<_> = accepted.difference(&unique).collect();
        assert!(
            lost.is_empty(),
            "round {round}: answered and lost: {lost:?}"
        );
    }
    println!(
        "{rounds} kills, {} events answered 202, none lost",
        accepted.len()
    );
    assert!(accepted.len() > 500, "{}", accepted.len());
}

/// A disk that takes no more, as the system tells it: a limit on the size of any file.
#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_refuses_is_told_and_nothing_answered_is_lost() {
    let folder = Folder::new();
    let program = env!("CARGO_BIN_EXE_touchmark");
    let mut shell = Command::new("sh");
    shell
        .current_dir(&folder.0)
        .args(["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\" collect --quiet --listen 127.0.0.1:0 --operator 0"])
        .arg(program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = Collect::of(shell.spawn().expect("starts"));
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let accepted = send_until_refused(&running.ingestion, &next, &answered);
    assert!(accepted.len() > 20, "{}", accepted.len());
    assert_eq!(running.ids(), accepted);
    let said = running.kill();
    assert!(
        said.contains("events not stored, senders keep them"),
        "{said}"
    );

    let again = Collect::start(&folder, &["--quiet"]);
    assert_eq!(again.ids(), accepted);
}

#[test]
fn keys_are_made_shown_once_and_revoked() {
    let folder = Folder::new();
    let key = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touchmark"));
        command.current_dir(&folder.0).arg("key").args(args);
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (status.success(), text(stdout), text(stderr))
    };
    let new = |name: &str, kind: &str| {
        key(&[
            "new",
            "--name",
            name,
            "--source",
            "https://crm.example",
            "--type",
            kind,
        ])
    };
    let (done, printed, said) = new("crm", "lead_qualified");
    assert!(done, "{said}");
    let text = printed.trim();
    assert!(text.starts_with("tmk_") && text.len() == 68, "{text}");
    assert!(
        said.contains("only time") && said.contains("--keys touchmark.keys.json"),
        "{said}"
    );
    let file = std::fs::read_to_string(folder.0.join("touchmark.keys.json")).expect("a file");
    assert!(
        !file.contains(text) && file.contains("org.touchmark.lead_qualified"),
        "{file}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(folder.0.join("touchmark.keys.json")).expect("a file");
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
    let (done, _, said) = new("crm", "lead_created");
    assert!(
        !done && said.contains("there is a key crm already"),
        "{said}"
    );
    let (done, _, said) = new("other", "lead_qualifed");
    assert!(
        !done && said.contains("lead_qualifed") && said.contains("lead_qualified"),
        "{said}"
    );
    let (done, listed, _) = key(&["list"]);
    assert!(
        done && listed.contains("crm  https://crm.example  org.touchmark.lead_qualified"),
        "{listed}"
    );

    let running = Collect::start(&folder, &["--keys", "touchmark.keys.json"]);
    let status = |key: &str| {
        let event = r#"{"specversion":"1.0","id":"1","source":"https://crm.example","type":"org.touchmark.lead_qualified","time":"2026-11-22T17:40:45Z","data":{"submission":"0b5c2a5e-8a3f-5c1d-9e0f-1a2b3c4d5e6f","system":"crm","reason_code":"service_offered"}}"#;
        let mut stream = TcpStream::connect(&running.ingestion).expect("connected");
        let length = event.len();
        write!(stream, "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n\r\n{event}").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer[9..12].to_owned()
    };
    assert_eq!(status(text), "202");
    assert!(key(&["revoke", "crm"]).0);
    assert_eq!(status(text), "401");
    let (done, _, said) = key(&["revoke", "crm"]);
    assert!(!done && said.contains("no key crm"), "{said}");

    let missing = refusal(
        &folder,
        &["--listen", "0", "--operator", "0", "--keys", "none.json"],
    );
    assert!(
        missing.contains("none.json") && missing.contains("key new"),
        "{missing}"
    );
}

#[test]
#[cfg(unix)]
fn both_signals_end_it_and_quiet_is_quiet() {
    let folder = Folder::new();
    let rest = Collect::start(&folder, &["--quiet"]).end("INT");
    assert_eq!(rest, "");
    let rest = Collect::start(&folder, &[]).end("INT");
    assert!(rest.contains("stopped: 0 events stored"), "{rest}");
    assert!(rest.contains("touchmark.db"), "{rest}");
}

#[test]
fn a_given_token_is_the_token() {
    let folder = Folder::new();
    let running = Collect::start(&folder, &["--operator-token", "my-own-token"]);
    assert_eq!(running.token, "my-own-token");
    assert!(running.ids().is_empty());
}

#[test]
fn a_taken_port_is_named_with_its_flag() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = taken.local_addr().expect("address").to_string();
    let port = address.rsplit(':').next().expect("a port");
    for (flag, other) in [("--listen", "--operator"), ("--operator", "--listen")] {
        let text = refusal(&folder, &[flag, &address, other, "0"]);
        for part in [port, "taken", flag, "127.0.0.1"] {
            assert!(text.contains(part), "{text}");
        }
    }
    assert!(
        !folder.0.join("touchmark.db").exists(),
        "no file is made in vain"
    );
}

#[test]
fn an_unusable_database_is_named_with_the_remedy() {
    let folder = Folder::new();
    let free = ["--listen", "0", "--operator", "0"];
    let tried = |path: &str| {
        let path = folder.0.join(path).display().to_string();
        let text = refusal(&folder, &[&free[..], &["--db", &path]].concat());
        assert!(text.contains(&path) && text.contains("--db"), "{text}");
        text
    };
    assert!(tried("missing/events.db").contains("does not exist"));
    std::fs::write(folder.0.join("letter.db"), "Dear reader, ".repeat(500)).expect("written");
    assert!(tried("letter.db").contains("not a database"));
    std::fs::create_dir(folder.0.join("folder.db")).expect("made");
    assert!(tried("folder.db").contains("folder"));
    let letter = std::fs::read_to_string(folder.0.join("letter.db")).expect("still there");
    assert!(letter.starts_with("Dear reader"), "left untouched");
}

/// Sends distinct events until the collector is gone; the ids that were answered 202.
fn send_until_refused(address: &str, next: &AtomicUsize, answered: &AtomicUsize) -> Vec<String> {
    let mut accepted = Vec::new();
    let Ok(mut stream) = TcpStream::connect(address) else {
        return accepted;
    };
    stream.set_read_timeout(Some(DEADLINE)).expect("deadline");
    loop {
        let id = format!("load-{}", next.fetch_add(1, Ordering::Relaxed));
        let body = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"urn:touchmark:load","type":"org.touchmark.call_click","time":"2026-11-22T17:40:45Z","data":{{}}}}"#
        );
        let length = body.len();
        let request = format!(
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut answer = [0; 12];
        let sent = stream
            .write_all(request.as_bytes())
            .and_then(|()| stream.read_exact(&mut answer));
        if sent.is_err() || &answer != b"HTTP/1.1 202" {
            return accepted;
        }
        accepted.push(id);
        answered.fetch_add(1, Ordering::Relaxed);
        // The body of the answer is the last thing in it, and ends with the list of rejected ones.
        let mut rest = Vec::new();
        let mut byte = [0];
        while !rest.ends_with(b"[]}") {
            if stream.read_exact(&mut byte).is_err() {
                return accepted;
            }
            rest.push(byte[0]);
        }
    }
}

/// What a start that must fail says.
fn refusal(folder: &Folder, flags: &[&str]) -> String {
    let Output { status, stderr, .. } = collect(folder, flags).output().expect("runs");
    assert!(!status.success());
    String::from_utf8(stderr).expect("text")
}

/// The command, in a folder of its own.
fn collect(folder: &Folder, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchmark"));
    command.current_dir(&folder.0).arg("collect").args(flags);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn kill(child: &Child, signal: &str) {
    let status = Command::new("kill")
        .args([&format!("-{signal}"), &child.id().to_string()])
        .status();
    assert!(status.expect("kill").success());
}

/// A folder that is deleted with its value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("touchmark-collect-{}-{n}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const DEADLINE: Duration = Duration::from_secs(20);
