//! A server that runs beside a command: started, listened to for its first lines, stopped cleanly.
//!
//! Services get a process group of their own, so that Ctrl-C reaches only xtask, which then asks
//! each to stop and waits. `stop_on_signal` does that for every service still running.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::run::{self, say};

const STOP_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Set once xtask itself was asked to end.
static STOPPING: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Vec<Arc<Mutex<Child>>>> = Mutex::new(Vec::new());

/// A running server; dropping it stops it.
pub struct Service {
    name: &'static str,
    child: Arc<Mutex<Child>>,
    lines: Receiver<String>,
}

impl Service {
    /// Starts `command` and begins to read what it prints.
    ///
    /// # Errors
    /// When the program is missing.
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't start the {name}"))?;
        let (sender, lines) = channel();
        if let Some(pipe) = child.stdout.take() {
            forward(pipe, sender.clone());
        }
        if let Some(pipe) = child.stderr.take() {
            forward(pipe, sender);
        }
        let child = Arc::new(Mutex::new(child));
        lock(&RUNNING).push(Arc::clone(&child));
        Ok(Self { name, child, lines })
    }

    /// Waits for a line in which `wanted` finds something.
    ///
    /// # Errors
    /// When the server ends or stays silent; the message holds what it printed.
    pub fn wait_for<T>(&self, wanted: impl Fn(&str) -> Option<T>, within: Duration) -> Result<T> {
        let deadline = Instant::now() + within;
        let mut printed = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    if let Some(found) = wanted(&line) {
                        return Ok(found);
                    }
                    printed.push_str(&line);
                    printed.push('\n');
                }
                Err(RecvTimeoutError::Timeout) => bail!(
                    "the {} did not say that it is ready within {}; it said:\n{printed}",
                    self.name,
                    run::seconds(within)
                ),
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the {} ended at once; it said:\n{printed}", self.name)
                }
            }
        }
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        end(&self.child);
        lock(&RUNNING).retain(|other| !Arc::ptr_eq(other, &self.child));
    }
}

/// Shows what the services print until one of them ends; stops the others and returns its name.
pub fn follow(services: Vec<Service>) -> Option<&'static str> {
    let (sender, ended) = channel();
    for service in services {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in &service.lines {
                say(service.name, line);
            }
            let _ = sender.send(service.name);
        });
    }
    let first = ended.recv().ok();
    // Then it ended because it was asked to, and the handler exits when all have.
    while STOPPING.load(Ordering::Relaxed) {
        thread::park();
    }
    stop_all();
    first
}

/// On Ctrl-C or a request to end: stops every service, then exits with `code`.
///
/// # Errors
/// When the system refuses the handler.
pub fn stop_on_signal(code: i32) -> Result<()> {
    ctrlc::set_handler(move || {
        STOPPING.store(true, Ordering::Relaxed);
        println!();
        say("stop", "asking the servers to end");
        stop_all();
        say("stop", "done");
        std::process::exit(code);
    })
    .context("can't listen for Ctrl-C")
}

/// `preferred` when nothing listens there, else a port that is free now.
///
/// # Errors
/// When the machine has no free port.
pub fn free_port(preferred: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", preferred))
        .or_else(|_| TcpListener::bind(("127.0.0.1", 0)))
        .context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

fn forward(pipe: impl std::io::Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            // Nobody listens any more: still read on, or the server would block on a full pipe.
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
        }
    });
}

fn stop_all() {
    for child in lock(&RUNNING).iter() {
        end(child);
    }
}

fn end(child: &Mutex<Child>) {
    let mut child = lock(child);
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    // The standard library only knows SIGKILL, which would leave no time to finish writing.
    let asked = run::program("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    let deadline = Instant::now() + STOP_WITHIN;
    while asked.is_ok() && Instant::now() < deadline {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// A thread that panicked with the lock leaves a list that is still right.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
