//! A schema document into its resources, anchors and the targets of its references.
//!
//! Before `evaluate`. Nothing is fetched: a reference that leads out of the document is an error,
//! and `bundle` is how documents come together. Source: JSON Schema 2020-12 core, §8.2 and §9.
//! Not here: what keywords assert.

use std::collections::{BTreeMap, VecDeque};

use super::dialect::Dialect;
use super::uri::{resolve, split};
use super::walk::children;
use super::{Fault, SchemaError};
use crate::schema::{Host, push_token};
use crate::text::{decimal, hex_digit};
use crate::value::Value;

/// How many schemas a document may hold.
pub const MAX_SCHEMAS: usize = 20_000;

/// A document whose references all lead somewhere.
pub struct Index<'a> {
    pub resources: Vec<Resource<'a>>,
    /// The resource that begins at a schema, by the schema's address.
    roots: BTreeMap<usize, usize>,
    /// What a reference means, by the address of its text.
    targets: BTreeMap<usize, Target<'a>>,
}

/// The document, or a schema in it with an `$id` of its own.
pub struct Resource<'a> {
    uri: String,
    root: &'a Value,
    /// `$anchor` and `$dynamicAnchor` by name.
    anchors: BTreeMap<&'a str, Anchor<'a>>,
    pub dialect: Dialect,
}

#[derive(Clone, Copy)]
struct Anchor<'a> {
    schema: &'a Value,
    is_dynamic: bool,
}

/// Where a reference leads.
#[derive(Clone)]
pub struct Target<'a> {
    pub schema: &'a Value,
    pub resource: usize,
    /// The `$dynamicAnchor` by which it was found, when it was.
    pub dynamic: Option<&'a str>,
}

impl<'a> Index<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// [`SchemaError`]: a reference leads nowhere, a pattern is none, a vocabulary is unknown, or
    /// there are more than [`MAX_SCHEMAS`] schemas.
    pub fn of(document: &'a Value, host: &dyn Host) -> Result<Index<'a>, SchemaError> {
        let mut reader = Reader {
            index: Index {
                resources: Vec::new(),
                roots: BTreeMap::new(),
                targets: BTreeMap::new(),
            },
            document,
            host,
            seen: BTreeMap::new(),
            references: VecDeque::new(),
        };
        reader.enter(document, "", None)?;
        while let Some((argument, resource)) = reader.references.pop_front() {
            reader.follow(argument, resource)?;
        }
        Ok(reader.index)
    }

    /// The resource that a schema is in, given the one around it.
    pub fn resource_at(&self, schema: &Value, around: usize) -> usize {
        self.roots.get(&address(schema)).copied().unwrap_or(around)
    }

    pub fn dialect(&self, resource: usize) -> Dialect {
        self.resources
            .get(resource)
            .map_or(Dialect::WHOLE, |resource| resource.dialect)
    }

    /// Where the reference in that text leads.
    pub fn target(&self, argument: &Value) -> Option<&Target<'a>> {
        self.targets.get(&address(argument))
    }

    /// The schema with that `$dynamicAnchor` in a resource.
    pub fn dynamic(&self, resource: usize, name: &str) -> Option<&'a Value> {
        let anchor = self.resources.get(resource)?.anchors.get(name)?;
        anchor.is_dynamic.then_some(anchor.schema)
    }
}

struct Reader<'a, 'h> {
    index: Index<'a>,
    document: &'a Value,
    host: &'h dyn Host,
    /// Schemas that were read, by address, each with its resource.
    seen: BTreeMap<usize, usize>,
    references: VecDeque<(&'a Value, usize)>,
}

impl<'a> Reader<'a, '_> {
    /// Reads a schema and those in it. The first, and one with an `$id`, begins a resource.
    fn enter(
        &mut self,
        schema: &'a Value,
        base: &str,
        around: Option<usize>,
    ) -> Result<(), SchemaError> {
        if self.seen.contains_key(&address(schema)) {
            return Ok(());
        }
        if self.seen.len() >= MAX_SCHEMAS {
            return Err(self.error(Fault::TooLarge, schema, ""));
        }
        if !matches!(schema, Value::Object(_) | Value::Bool(_)) {
            return Err(self.error(Fault::NoSchema, schema, ""));
        }
        let id = schema.member("$id").and_then(Value::as_text);
        let uri = match id {
            Some(id) => split(&resolve(base, id)).0.to_owned(),
            None => base.to_owned(),
        };
        let resource = match around {
            Some(around) if id.is_none() => around,
            _ => self.begin(schema, &uri, around)?,
        };
        self.seen.insert(address(schema), resource);
        for (keyword, argument) in schema.members() {
            let text = argument.as_text();
            match (keyword.as_str(), text) {
                ("$anchor" | "$dynamicAnchor", Some(name)) => {
                    let is_dynamic = keyword == "$dynamicAnchor";
                    if let Some(resource) = self.index.resources.get_mut(resource) {
                        resource.anchors.insert(name, Anchor { schema, is_dynamic });
                    }
                }
                ("$ref" | "$dynamicRef", Some(_)) => {
                    self.references.push_back((argument, resource));
                }
                ("pattern", Some(pattern)) => self.pattern(pattern, argument)?,
                ("patternProperties", _) => {
                    for (pattern, _) in argument.members() {
                        self.pattern(pattern, argument)?;
                    }
                }
                _ => {}
            }
        }
        let mut below = Vec::new();
        children(schema, &mut |child| below.push(child));
        for child in below {
            self.enter(child, &uri, Some(resource))?;
        }
        Ok(())
    }

    fn begin(
        &mut self,
        schema: &'a Value,
        uri: &str,
        around: Option<usize>,
    ) -> Result<usize, SchemaError> {
        let inherited = around.map_or(Dialect::WHOLE, |around| self.index.dialect(around));
        let dialect = match schema.member("$schema").and_then(Value::as_text) {
            None => inherited,
            Some(name) => match Dialect::of(name, self.document) {
                Ok(dialect) => dialect,
                Err(fault) => return Err(self.error(fault, schema, name)),
            },
        };
        let number = self.index.resources.len();
        self.index.roots.insert(address(schema), number);
        self.index.resources.push(Resource {
            uri: uri.to_owned(),
            root: schema,
            anchors: BTreeMap::new(),
            dialect,
        });
        Ok(number)
    }

    fn pattern(&self, pattern: &str, argument: &Value) -> Result<(), SchemaError> {
        match self.host.is_match(pattern, "") {
            Some(_) => Ok(()),
            None => Err(self.error(Fault::Pattern, argument, "")),
        }
    }

    fn follow(&mut self, argument: &'a Value, from: usize) -> Result<(), SchemaError> {
        let reference = argument.as_text().unwrap_or("");
        let base = self
            .index
            .resources
            .get(from)
            .map_or("", |one| one.uri.as_str());
        let absolute = resolve(base, reference);
        let (uri, fragment) = split(&absolute);
        let resources = self.index.resources.iter();
        // An empty URI is the document's own, wherever the reference stands.
        let found = resources
            .enumerate()
            .find(|(_, resource)| resource.uri == uri);
        let lost = || self.error(Fault::Reference, argument, reference);
        let Some((number, resource)) = found else {
            return Err(lost());
        };
        let fragment = percent_decoded(fragment);
        let target = if fragment.is_empty() || fragment.starts_with('/') {
            let (schema, number) = self
                .at_pointer(resource.root, number, &fragment)
                .ok_or_else(lost)?;
            Target {
                schema,
                resource: number,
                dynamic: None,
            }
        } else {
            let (name, anchor) = resource
                .anchors
                .get_key_value(fragment.as_str())
                .ok_or_else(lost)?;
            Target {
                schema: anchor.schema,
                resource: number,
                dynamic: anchor.is_dynamic.then_some(*name),
            }
        };
        let uri = self
            .index
            .resources
            .get(target.resource)
            .map_or("", |one| one.uri.as_str())
            .to_owned();
        let (schema, resource) = (target.schema, target.resource);
        self.index.targets.insert(address(argument), target);
        // A schema under a keyword that holds none: a pointer makes it one.
        self.enter(schema, &uri, Some(resource))
    }

    /// The value at a pointer below a schema, and the resource that it is in.
    fn at_pointer(
        &self,
        root: &'a Value,
        number: usize,
        pointer: &str,
    ) -> Option<(&'a Value, usize)> {
        let (mut at, mut resource) = (root, number);
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            at = match at {
                Value::List(items) => items.get(token.parse::<usize>().ok()?)?,
                _ => at.member(&token)?,
            };
            resource = self.index.resource_at(at, resource);
        }
        Some((at, resource))
    }

    fn error(&self, fault: Fault, at: &Value, about: &str) -> SchemaError {
        let mut pointer = String::new();
        find(self.document, at, &mut pointer);
        SchemaError {
            fault,
            pointer,
            about: about.to_owned(),
        }
    }
}

/// Writes the pointer of a value in a document; whether it is there.
fn find(document: &Value, wanted: &Value, pointer: &mut String) -> bool {
    if core::ptr::eq(document, wanted) {
        return true;
    }
    let before = pointer.len();
    for (name, value) in document.members() {
        push_token(pointer, name);
        if find(value, wanted, pointer) {
            return true;
        }
        pointer.truncate(before);
    }
    for (index, value) in document.items().iter().enumerate() {
        push_token(pointer, &decimal(index as u64));
        if find(value, wanted, pointer) {
            return true;
        }
        pointer.truncate(before);
    }
    false
}

/// Two values are the same schema when they stand at the same place in memory: the document is
/// borrowed for as long as the index lives, so nothing moves.
fn address(value: &Value) -> usize {
    core::ptr::from_ref(value).addr()
}

/// Percent escapes of a URL's part (RFC 3986 §2.1) as text; one that is none stays as it is.
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
        {
            bytes.push(high << 4 | low);
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
