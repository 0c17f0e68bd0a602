//! Who may read what was stored, and how.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::time::Instant;

use serde_json::{Value, json};
use support::{DEADLINE, Folder, Running, TOKEN, connect, note, options};
use touchmark_collector::Collector;

#[test]
fn only_this_machines_names_are_served() {
    let running = Running::start();
    let port = running.operator.port();
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let answer = running.knock("GET", "/stats", &format!("{host}:{port}"), &bearer);
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in [
        "clinic.example".into(),
        format!("evil.example:{port}"),
        "127.0.0.1:1".into(),
    ] {
        assert_eq!(
            running.knock("GET", "/stats", &host, &bearer).status,
            403,
            "{host}"
        );
    }
}

#[test]
fn the_token_opens_and_nothing_else_does() {
    let running = Running::start();
    let host = running.operator.to_string();
    let opened = |path: &str, headers: &str| running.knock("GET", path, &host, headers).status;
    assert_eq!(opened(&format!("/all?token={TOKEN}"), ""), 200);
    assert_eq!(opened(&format!("/?limit=1&token={TOKEN}"), ""), 200);
    for scheme in ["Bearer", "bearer"] {
        let header = format!("Authorization: {scheme} {TOKEN}\r\n");
        assert_eq!(opened("/all", &header), 200, "{scheme}");
    }
    for path in [
        "/",
        "/live",
        "/good",
        "/bad",
        "/all",
        "/rejected",
        "/leads",
        "/rules",
        "/stats",
        "/metrics",
        "/export",
        "/assert",
        "/openapi.json",
        "/reset",
        "/nothing",
    ] {
        assert_eq!(opened(path, ""), 401, "{path}");
        assert_eq!(opened(&format!("{path}?token="), ""), 401, "{path}");
        assert_eq!(
            opened(path, "Authorization: Bearer test-tokem\r\n"),
            401,
            "{path}"
        );
        assert_eq!(
            opened(path, &format!("Authorization: Bearer {TOKEN}x\r\n")),
            401,
            "{path}"
        );
    }
    let answer = running.knock("GET", "/all", &host, "Origin: https://a.example\r\n");
    assert!(answer.header("access-control-allow-origin").is_none());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn wrong_tokens_close_the_door_for_a_moment() {
    let running = Running::start();
    let host = running.operator.to_string();
    let knock = |token: &str| {
        running.knock(
            "GET",
            "/stats",
            &host,
            &format!("Authorization: Bearer {token}\r\n"),
        )
    };
    let closed = support::until("it never closes", || {
        let answer = knock("a-wrong-one");
        (answer.status == 429).then_some(answer)
    });
    assert_eq!(closed.header("retry-after"), Some("1"));
    // The right one opens again when the moment is over, and was not told from wrong ones in it.
    support::until("it never opens", || {
        (knock(TOKEN).status == 200).then_some(())
    });
    let metrics = running.operate("GET", "/metrics").body;
    let wrong = metrics
        .lines()
        .find_map(|line| line.strip_prefix("touchmark_wrong_tokens_total "));
    let wrong: u32 = wrong.expect("a count").parse().expect("a number");
    assert!((40..70).contains(&wrong), "{wrong}");
}

#[test]
fn other_sites_pages_get_nothing_even_with_the_token() {
    let running = Running::with(|options| options.qa = true);
    running.post(note("1").to_string());
    let host = running.operator.to_string();
    let own = format!("Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n");
    let open = |method: &str, path: &str, headers: &str| {
        let path = format!("{path}?token={TOKEN}");
        running.knock(method, &path, &host, headers).status
    };
    assert_eq!(open("GET", "/all", &own), 200);
    assert_eq!(open("GET", "/all", "Sec-Fetch-Site: none\r\n"), 200);
    let link =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    assert_eq!(
        open("GET", "/", link),
        200,
        "a link to the page, from a chat"
    );
    let frame =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n";
    for (method, path, headers) in [
        ("POST", "/reset", "Origin: https://evil.example\r\n"),
        ("POST", "/reset", "Origin: null\r\n"),
        ("POST", "/reset", "Sec-Fetch-Site: cross-site\r\n"),
        (
            "GET",
            "/all",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
        ),
        ("GET", "/all", "Sec-Fetch-Site: same-site\r\n"),
        ("GET", "/all", link),
        ("GET", "/", frame),
    ] {
        assert_eq!(
            open(method, path, headers),
            403,
            "{method} {path} {headers}"
        );
    }
    assert_eq!(running.rows("/all").len(), 1);
}

#[test]
fn metrics_count_what_became_of_requests_and_events() {
    let running = Running::start();
    running.post(json!([note("1"), note("1"), 7]).to_string());
    running.post("nope");
    let mut bad = note("2");
    bad["subject"] = json!("far too long for this schema");
    running.post(bad.to_string());
    let text = running.operate("GET", "/metrics").body;
    for line in [
        "touchmark_requests_total{status=\"202\"} 2",
        "touchmark_requests_total{status=\"400\"} 1",
        "touchmark_events_total{state=\"good\"} 1",
        "touchmark_events_total{state=\"bad\"} 1",
        "touchmark_events_total{state=\"duplicate\"} 1",
        "touchmark_events_total{state=\"rejected\"} 2",
        "touchmark_commit_seconds_count 3",
        "touchmark_commit_seconds_bucket{le=\"+Inf\"} 3",
        "touchmark_failing 0",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    // Each sample follows a HELP and a TYPE of its family.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().expect("a name");
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        let known = |name: &str| text.contains(&format!("# TYPE {name} "));
        assert!(known(name) || family.is_some_and(known), "{line}");
    }
}

#[test]
fn rows_come_oldest_first_by_limit_and_after() {
    let running = Running::start();
    let events: Vec<Value> = (0..5).map(|n| note(&n.to_string())).collect();
    running.post(json!(events).to_string());
    let ids = |path: &str| -> Vec<String> {
        running
            .rows(path)
            .iter()
            .map(|row| row["id"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(ids("/all"), ["0", "1", "2", "3", "4"]);
    assert_eq!(ids("/all?limit=2"), ["0", "1"]);
    assert_eq!(ids("/good?after=2&limit=2"), ["2", "3"]);
    assert!(ids("/bad").is_empty());
    assert_eq!(running.operate("GET", "/all?limit=many").status, 400);
}

#[test]
fn reset_needs_qa() {
    let careful = Running::start();
    careful.post(note("1").to_string());
    assert_eq!(careful.operate("POST", "/reset").status, 403);
    assert_eq!(careful.rows("/all").len(), 1);

    let qa = Running::with(|options| options.qa = true);
    qa.post(note("1").to_string());
    qa.post(note("1").to_string());
    qa.post("nope");
    assert_eq!(qa.operate("GET", "/reset").status, 405);
    assert_eq!(qa.operate("POST", "/reset").status, 200);
    for shelf in ["/all", "/rejected"] {
        assert!(qa.rows(shelf).is_empty(), "{shelf}");
    }
    let counts = qa.stats();
    for name in ["good", "bad", "duplicate", "rejected"] {
        assert_eq!(counts[name], 0, "{name}");
    }
    assert_eq!(qa.post(note("1").to_string()).json()["stored"], 1);
}

#[test]
fn a_restart_keeps_events_and_their_identity() {
    let running = Running::start();
    running.post(note("1").to_string());
    running.post(note("1").to_string());
    running.post("nope");
    let before = running.stats();
    let (summary, folder) = running.stop();
    assert_eq!(
        (
            summary.stored,
            summary.counts.good,
            summary.counts.duplicate
        ),
        (1, 1, 1)
    );
    assert!(
        !folder.0.join("touchmark.db-wal").exists(),
        "the log is tidied away"
    );

    let again = Running::open(folder, |_| {});
    assert_eq!(again.stats(), before);
    assert_eq!(again.post(note("1").to_string()).json()["duplicate"], 1);
    assert_eq!(again.rows("/all").len(), 1);
}

/// An open live feed.
struct Feed(BufReader<std::net::TcpStream>);

impl Feed {
    fn open(running: &Running, query: &str, headers: &str) -> Self {
        let mut stream = connect(running.operator);
        let host = running.operator;
        write!(
            stream,
            "GET /live?token={TOKEN}{query} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"
        )
        .expect("sent");
        Self(BufReader::new(stream))
    }

    /// The next row: its message's id, and its event's.
    fn row(&mut self) -> (String, String) {
        let (mut seq, mut event) = (None, None);
        // The feed's own signs of life would keep a read alive for ever.
        let deadline = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < deadline, "no row came");
            let line = self.line().expect("the feed goes on");
            if let Some(text) = line.strip_prefix("id: ") {
                seq = Some(text.to_owned());
            } else if let Some(text) = line.strip_prefix("data: ") {
                let message: Value = serde_json::from_str(text).expect("JSON");
                event = message["id"].as_str().map(str::to_owned);
            } else if line.is_empty()
                && let (Some(seq), Some(event)) = (seq.take(), event.take())
            {
                return (seq, event);
            }
        }
    }

    /// `None` at the end of the feed.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).expect("in time");
        (read > 0).then(|| line.trim_end().to_owned())
    }
}

#[test]
fn the_feed_shows_what_comes_and_resumes_where_it_was_left() {
    let running = Running::start();
    running.post(note("a").to_string());
    let mut feed = Feed::open(&running, "", "");
    assert_eq!(feed.row().1, "a");
    // Pretty-printed: its line ends must not break the feed's lines.
    running.post(
        serde_json::to_string_pretty(&note("b"))
            .expect("JSON")
            .replace('\n', "\r\n"),
    );
    let (last, id) = feed.row();
    assert_eq!(id, "b");
    drop(feed);
    running.post(json!([note("c"), note("d")]).to_string());
    let mut feed = Feed::open(&running, "", &format!("Last-Event-ID: {last}\r\n"));
    assert_eq!(feed.row().1, "c");
    assert_eq!(feed.row().1, "d");
    let mut feed = Feed::open(&running, "&after=0", "");
    assert_eq!(feed.row().1, "a");
}

#[test]
fn an_open_feed_does_not_hold_up_the_stop() {
    let running = Running::start();
    running.post(note("a").to_string());
    let mut feed = Feed::open(&running, "", "");
    feed.row();
    let begin = Instant::now();
    let (summary, _folder) = running.stop();
    assert_eq!(summary.stored, 1);
    assert!(begin.elapsed().as_secs() < 8);
    while feed.line().is_some() {}
}

#[test]
fn the_page_loads_nothing_and_runs_only_its_own_script() {
    let running = Running::start();
    let page = running.operate("GET", "/");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next());
    let nonce = nonce.expect("a nonce");
    let tags = page.body.matches("<script").count() + page.body.matches("<style").count();
    assert_eq!(
        page.body.matches(&format!("nonce=\"{nonce}\"")).count(),
        tags
    );
    assert_ne!(
        running
            .operate("GET", "/")
            .header("content-security-policy"),
        Some(policy)
    );
    assert!(
        page.body
            .contains(&format!("http://{}/v1/events", running.ingestion))
    );
    for risky in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "{{",
        "=\"https://",
        "url(http",
        " style=\"",
        " onclick",
    ] {
        assert!(!page.body.contains(risky), "{risky}");
    }
}

#[test]
fn start_says_what_is_wrong_and_how_to_mend_it() {
    let refusal = |change: &dyn Fn(&mut touchmark_collector::Options, &Folder)| {
        let folder = Folder::new();
        let mut options = options(&folder);
        change(&mut options, &folder);
        let runtime = tokio::runtime::Runtime::new().expect("runtime");
        let refusal = runtime
            .block_on(Collector::start(options))
            .err()
            .expect("refused");
        refusal.to_string()
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = taken.local_addr().expect("address");
    let port = address.port().to_string();

    let text = refusal(&|options, _| options.ingestion = address);
    assert!(
        text.contains(&port) && text.contains("taken") && text.contains("--listen"),
        "{text}"
    );
    let text = refusal(&|options, _| options.operator = address);
    assert!(
        text.contains(&port) && text.contains("taken") && text.contains("--operator"),
        "{text}"
    );
    let text = refusal(&|options, folder| options.database = folder.0.join("no/such/t.db"));
    assert!(
        text.contains("no/such") && text.contains("does not exist") && text.contains("--db"),
        "{text}"
    );
    let text = refusal(&|options, folder| options.database = folder.0.clone());
    assert!(text.contains("folder") && text.contains("--db"), "{text}");
    let text = refusal(&|_, folder| {
        std::fs::write(
            folder.database(),
            "This is a letter, and no database at all. ".repeat(50),
        )
        .expect("written");
    });
    assert!(
        text.contains("touchmark.db") && text.contains("not a database"),
        "{text}"
    );
    let text = refusal(&|_, folder| {
        let other = rusqlite::Connection::open(folder.database()).expect("opened");
        other
            .execute_batch("CREATE TABLE events (name TEXT)")
            .expect("made");
    });
    assert!(
        text.contains("another program") && text.contains("--db"),
        "{text}"
    );
    let text = refusal(&|options, folder| options.schemas = vec![folder.0.join("none.json")]);
    assert!(text.contains("none.json"), "{text}");
    #[cfg(target_os = "linux")]
    {
        let text = refusal(&|options, _| options.database = "/proc/touchmark.db".into());
        assert!(
            text.contains("/proc/touchmark.db") && text.contains("writable"),
            "{text}"
        );
    }
}
