//! Reads the little of a wasm file that the size report needs: sections, code bodies, names.
//!
//! Not here: validation. The file was just written by the build, so anything unexpected is an error.

use anyhow::{Context as _, Result, ensure};

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const CODE: u8 = 10;
const FUNCTION_NAMES: u8 = 1;

/// One function's code.
#[derive(Debug, PartialEq, Eq)]
pub struct Body {
    /// Demangled by the build; `func[7]` when the file has no name for it.
    pub name: String,
    pub bytes: usize,
}

/// The file without its custom sections: names, producers, features.
///
/// # Errors
/// When the bytes are no wasm file.
pub fn strip(file: &[u8]) -> Result<Vec<u8>> {
    let mut kept = MAGIC.to_vec();
    for section in sections(file)? {
        if section.id != CUSTOM {
            kept.extend_from_slice(section.whole);
        }
    }
    Ok(kept)
}

/// Every function that has code, in the file's order.
///
/// # Errors
/// When the bytes are no wasm file.
pub fn bodies(file: &[u8]) -> Result<Vec<Body>> {
    let sections = sections(file)?;
    let mut imported = 0;
    let mut sizes = Vec::new();
    let mut names = Vec::new();
    for section in &sections {
        let mut body = Reader(section.body);
        match section.id {
            IMPORTS => imported = imported_functions(&mut body)?,
            CODE => {
                for _ in 0..body.number()? {
                    let bytes = body.number()?;
                    body.take(bytes)?;
                    sizes.push(bytes);
                }
            }
            CUSTOM if body.text()? == "name" => names = function_names(&mut body)?,
            _ => {}
        }
    }
    Ok(sizes
        .into_iter()
        .enumerate()
        .map(|(at, bytes)| {
            let index = imported + at;
            let name = names
                .iter()
                .find(|(named, _)| *named == index)
                .map_or_else(|| format!("func[{index}]"), |(_, name)| name.clone());
            Body { name, bytes }
        })
        .collect())
}

struct Section<'a> {
    id: u8,
    /// With id and length.
    whole: &'a [u8],
    body: &'a [u8],
}

fn sections(file: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut rest = Reader(file);
    ensure!(rest.take(MAGIC.len())? == MAGIC, "not a wasm file");
    let mut found = Vec::new();
    while !rest.0.is_empty() {
        let start = rest.0;
        let id = rest.byte()?;
        let length = rest.number()?;
        let body = rest.take(length)?;
        let whole = start.get(..start.len() - rest.0.len()).unwrap_or(start);
        found.push(Section { id, whole, body });
    }
    Ok(found)
}

fn imported_functions(body: &mut Reader<'_>) -> Result<usize> {
    let mut functions = 0;
    for _ in 0..body.number()? {
        body.text()?;
        body.text()?;
        match body.byte()? {
            0 => {
                body.number()?;
                functions += 1;
            }
            1 => {
                body.byte()?;
                body.limits()?;
            }
            2 => body.limits()?,
            3 => {
                body.take(2)?;
            }
            kind => anyhow::bail!("unknown kind of import {kind}"),
        }
    }
    Ok(functions)
}

fn function_names(body: &mut Reader<'_>) -> Result<Vec<(usize, String)>> {
    let mut names = Vec::new();
    while !body.0.is_empty() {
        let kind = body.byte()?;
        let length = body.number()?;
        let mut part = Reader(body.take(length)?);
        if kind == FUNCTION_NAMES {
            for _ in 0..part.number()? {
                names.push((part.number()?, part.text()?.to_owned()));
            }
        }
    }
    Ok(names)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, tail) = self
            .0
            .split_at_checked(length)
            .context("the wasm file ends early")?;
        self.0 = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take(1)?
            .first()
            .copied()
            .context("the wasm file ends early")
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        anyhow::bail!("a number in the wasm file is too long")
    }

    fn text(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).context("a name in the wasm file is not UTF-8")
    }

    fn limits(&mut self) -> Result<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One imported function, one own of two bytes, named `touchmark::query::parse`.
    fn sample() -> Vec<u8> {
        let name = b"touchmark::query::parse";
        let mut file = MAGIC.to_vec();
        file.extend([1, 4, 1, 0x60, 0, 0]);
        file.extend([2, 7, 1, 1, b'm', 1, b'f', 0, 0]);
        file.extend([3, 2, 1, 0]);
        file.extend([10, 4, 1, 2, 0, 0x0b]);
        let length = u8::try_from(name.len()).expect("the sample's name is short");
        file.extend([0, length + 10, 4]);
        file.extend(b"name");
        file.extend([1, length + 3, 1, 1, length]);
        file.extend(name);
        file
    }

    #[test]
    fn bodies_carry_the_names_that_follow_the_imports() {
        let expected = Body {
            name: "touchmark::query::parse".to_owned(),
            bytes: 2,
        };
        assert_eq!(bodies(&sample()).expect("reads"), [expected]);
    }

    #[test]
    fn strip_drops_names_only() {
        let stripped = strip(&sample()).expect("reads");
        let bodies = bodies(&stripped).expect("reads");
        assert_eq!(
            bodies.first().map(|body| body.name.as_str()),
            Some("func[1]")
        );
        assert!(sample().starts_with(&stripped));
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let file = sample();
        assert!(bodies(&file[..file.len() - 1]).is_err());
        assert!(bodies(b"<html>").is_err());
    }
}
