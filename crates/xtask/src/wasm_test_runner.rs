//! Cargo's runner for wasm tests: wasm-bindgen's own, as a library, in a real browser.
//!
//! With a chromedriver (`CHROMEDRIVER`) it drives the browser itself, by webdriver.json. Without
//! one it only serves the tests, and Playwright opens the page (crates/xtask/wasm-tests.mjs).

#![forbid(unsafe_code)]

use std::env;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

fn main() -> Result<()> {
    let serves_only = env::var_os("NO_HEADLESS").is_some();
    if serves_only || env::var_os("CHROMEDRIVER").is_some() {
        return run_cli_with_args(env::args_os());
    }
    let free = TcpListener::bind("127.0.0.1:0")
        .context("no free port on 127.0.0.1")?
        .local_addr()?;
    let mut server = Command::new(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env("NO_HEADLESS", "1")
        .env("WASM_BINDGEN_TEST_ADDRESS", free.to_string())
        .stdout(Stdio::null())
        .spawn()
        .context("can't serve the tests")?;
    let mut visitor = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/wasm-tests.mjs"))
        .arg(format!("http://{free}/"))
        .spawn()
        .context("can't start node: `cargo xtask setup` checks it")?;
    // The server runs until it is stopped, unless there is no test to serve.
    let passed = loop {
        if let Some(status) = visitor.try_wait()? {
            break status.success();
        }
        if let Some(status) = server.try_wait()? {
            break status.success();
        }
        thread::sleep(Duration::from_millis(20));
    };
    for child in [&mut server, &mut visitor] {
        // Fails only for one that has ended.
        let _ = child.kill();
        child.wait()?;
    }
    ensure!(passed, "the wasm tests failed");
    Ok(())
}
