//! What was named on the command line into pages.
//!
//! First of all. Files, folders, globs, `-` for standard input, addresses. A page that can't be
//! read is told and the rest is read all the same. Not here: rendering (`render`).

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::plan::fault::Fault;

/// A page that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Stdin,
    File(PathBuf),
    Url(String),
}

impl Input {
    /// As messages name it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string().replace('\\', "/"),
            Self::Url(url) => url.clone(),
        }
    }

    /// The path under which it is served, if `root` is what the site's `/` is.
    pub fn path(&self, roots: &[PathBuf]) -> Option<String> {
        match self {
            Self::Stdin => None,
            Self::Url(url) => {
                let rest = &url[url.find("://")? + 3..];
                let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
                path.split(['?', '#']).next().map(str::to_owned)
            }
            Self::File(file) => {
                let within = roots.iter().find_map(|root| file.strip_prefix(root).ok())?;
                let path = format!("/{}", within.display()).replace('\\', "/");
                let path = path.strip_suffix("index.html").unwrap_or(&path);
                Some(path.to_owned())
            }
        }
    }

    /// Reads the page's text as it is served.
    ///
    /// # Errors
    /// `page_unreadable`, `page_too_large`, `page_not_utf8`, `page_no_html`.
    pub fn read(&self) -> Result<String, Fault> {
        let name = self.name();
        let unreadable = |cause: String| {
            let remedy = "name a page that exists and that you may read".to_owned();
            Fault::new("page_unreadable", &name, "", cause, remedy)
        };
        let mut bytes = Vec::new();
        let limit = (MAX_BYTES + 1) as u64;
        match self {
            Self::Stdin => {
                let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
                read.map_err(|cause| unreadable(cause.to_string()))?;
            }
            Self::File(path) => {
                let read = std::fs::File::open(path)
                    .and_then(|file| file.take(limit).read_to_end(&mut bytes));
                read.map_err(|cause| unreadable(cause.to_string()))?;
            }
            Self::Url(url) => bytes = fetch(url).map_err(unreadable)?,
        }
        text(&name, bytes)
    }
}

/// Every page that the arguments name, in order and each once; faults for those that name none.
pub fn gather(arguments: &[String], faults: &mut Vec<Fault>) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for argument in arguments {
        let mut found = match argument.as_str() {
            "-" => vec![Input::Stdin],
            url if is_url(url) => vec![Input::Url(url.to_owned())],
            path if Path::new(path).is_dir() => folder(Path::new(path)),
            path if is_glob(path) => {
                let paths = glob::glob(path).map(|paths| paths.filter_map(Result::ok).collect());
                let paths: Vec<PathBuf> = paths.unwrap_or_default();
                let files = paths.into_iter().flat_map(|path| match path.is_dir() {
                    true => folder(&path),
                    false => vec![Input::File(path)],
                });
                files.collect()
            }
            path => vec![Input::File(path.into())],
        };
        if found.is_empty() {
            let what = "no .html or .htm file is there".to_owned();
            let remedy =
                "name files, folders, globs, addresses, or - for standard input".to_owned();
            faults.push(Fault::new("page_none", argument, "", what, remedy));
        }
        found.retain(|one| !inputs.contains(one));
        inputs.append(&mut found);
    }
    inputs
}

/// Whether the argument stands for all pages of a place: a folder or a glob.
pub fn is_many(argument: &str) -> bool {
    !is_url(argument) && (Path::new(argument).is_dir() || is_glob(argument))
}

fn is_glob(argument: &str) -> bool {
    argument.contains(['*', '?', '[']) && !Path::new(argument).exists()
}

/// Whether the argument is an address.
pub fn is_url(text: &str) -> bool {
    let start = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    start.starts_with("http://") || start.starts_with("https://")
}

fn folder(folder: &Path) -> Vec<Input> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        // A link to a folder above would lead here again.
        if path.is_dir() && !path.is_symlink() {
            found.extend(self::folder(&path));
        } else if path.extension().is_some_and(|end| {
            end.eq_ignore_ascii_case("html")
                || end.eq_ignore_ascii_case("htm")
                || end.eq_ignore_ascii_case("xhtml")
        }) {
            found.push(Input::File(path));
        }
    }
    found
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Fault> {
    if bytes.len() > MAX_BYTES {
        let what = format!("the page has more than {} MiB", MAX_BYTES >> 20);
        let remedy = "check the page itself, not an export of many".to_owned();
        return Err(Fault::new("page_too_large", name, "", what, remedy));
    }
    let cause = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => return Ok(text),
        Ok(text) => {
            let at = text.find('\0').unwrap_or_default();
            (
                at,
                text.into_bytes(),
                "a zero byte, as in a binary file or in UTF-16",
            )
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            (at, error.into_bytes(), "a byte that is no UTF-8")
        }
    };
    let (at, bytes, what) = cause;
    let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let column = at
        - bytes[..at]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |n| n + 1)
        + 1;
    let what = format!("{what} stands at line {line}, byte {column}");
    let remedy = "save the page as UTF-8, which the standard asks for, or let a browser read it by --browser".to_owned();
    Err(Fault::new("page_not_utf8", name, "", what, remedy))
}

fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(std::time::Duration::from_secs(20)))
        .user_agent(concat!("touchmark-check/", env!("CARGO_PKG_VERSION")));
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.get(url).call().map_err(|cause| cause.to_string())?;
    let kind = answer
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind.is_empty()
        && !kind.contains("html")
        && !kind.contains("xml")
        && !kind.starts_with("text/")
    {
        return Err(format!("it is {kind}, no HTML page"));
    }
    let body = answer
        .body_mut()
        .with_config()
        .limit((MAX_BYTES + 1) as u64);
    body.read_to_vec().map_err(|cause| cause.to_string())
}

const MAX_BYTES: usize = 16 << 20;
