//! A CRM's CSV export into rows with known columns.
//!
//! Contact data is hashed as it is read, as `src/privacy.rs` does in the page.

use std::collections::BTreeMap;
use std::path::Path;

use touchmark::digest::sha256_hex;
use touchmark::privacy::normalise;

use crate::captured::Day;
use crate::plan::fault::Fault;

/// An export, and which column is what.
pub struct Table {
    pub name: String,
    headers: Vec<String>,
    /// Number of the column by what it is.
    pub columns: BTreeMap<&'static str, usize>,
    records: Vec<(u64, csv::StringRecord)>,
}

/// One record of the CRM.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Line in the file.
    pub line: u64,
    pub id: String,
    /// Hashes that the e-mail address may have; empty when there is none.
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    /// Whether the phone is a plain number that does not begin with + or 00.
    pub is_phone_national: bool,
    pub campaign: String,
    pub campaign_id: String,
    pub stage: String,
    pub page: String,
    pub created: String,
}

impl Table {
    /// Reads a file; `named` says which column is what, where names alone don't.
    ///
    /// # Errors
    /// `crm_unreadable`, `crm_column_unknown`, `crm_columns_missing`.
    pub fn read(file: &Path, named: &[(String, String)]) -> Result<Self, Fault> {
        let name = file.display().to_string();
        let fault =
            |code, what: String, remedy: &str| Fault::new(code, &name, "", what, remedy.to_owned());
        let csv =
            "export the CRM's records as CSV in UTF-8 (Excel: \"CSV UTF-8\"), with a header line";
        let bytes =
            std::fs::read(file).map_err(|cause| fault("crm_unreadable", cause.to_string(), csv))?;
        let text = String::from_utf8(bytes)
            .map_err(|cause| fault("crm_unreadable", cause.to_string(), csv))?;
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(fault("crm_unreadable", "it is empty".to_owned(), csv));
        }
        let delimiter = delimiter(text);
        if let Some(at) = open_quote(text, delimiter) {
            let line = Lines::of(text).line_at(at);
            let what = format!("the quote that begins on line {line} is never closed");
            return Err(fault(
                "crm_unreadable",
                what,
                "close it, or export the records again",
            ));
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter as u8)
            .flexible(true)
            .from_reader(text.as_bytes());
        let headers = reader
            .headers()
            .map_err(|cause| fault("crm_unreadable", cause.to_string(), csv))?;
        let headers: Vec<String> = headers.iter().map(|one| one.trim().to_owned()).collect();
        let mut columns = BTreeMap::new();
        for (what, header) in named {
            let Some((what, _)) = COLUMNS.iter().find(|(known, _)| known == what) else {
                let known: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
                return Err(fault(
                    "crm_column_unknown",
                    format!("`{what}` is no kind of column"),
                    &format!("there are {}", known.join(", ")),
                ));
            };
            let Some(at) = headers
                .iter()
                .position(|one| one.eq_ignore_ascii_case(header))
            else {
                return Err(fault(
                    "crm_column_unknown",
                    format!("no column is called `{header}`"),
                    &format!("there are {}", headers.join(", ")),
                ));
            };
            if columns.insert(*what, at).is_some() {
                let what = format!("--column says twice which one is {what}");
                return Err(fault("crm_column_unknown", what, "name it once"));
            }
        }
        for (what, names) in COLUMNS {
            let is_free = |at: &usize, columns: &BTreeMap<&str, usize>| {
                !columns.values().any(|taken| taken == at)
            };
            let found = names.iter().find_map(|name| {
                (0..headers.len()).find(|at| plain(&headers[*at]) == *name && is_free(at, &columns))
            });
            if let (false, Some(at)) = (columns.contains_key(what), found) {
                columns.insert(what, at);
            }
        }
        if !columns.contains_key("id")
            && !columns.contains_key("email")
            && !columns.contains_key("phone")
        {
            let what = format!(
                "no column has an event id, an e-mail address or a phone number: {}",
                headers.join(", ")
            );
            return Err(fault(
                "crm_columns_missing",
                what,
                "name one by --column id=NAME",
            ));
        }
        let mut records = Vec::new();
        let mut lines = Lines::of(text);
        for record in reader.records() {
            let record = record.map_err(|cause| fault("crm_unreadable", cause.to_string(), csv))?;
            let at = record.position().map_or(0, csv::Position::byte);
            let line = lines.line_at(usize::try_from(at).unwrap_or(usize::MAX));
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                records.push((line, record));
            }
        }
        Ok(Self {
            name,
            headers,
            columns,
            records,
        })
    }

    /// How many columns its header has.
    pub fn width(&self) -> usize {
        self.headers.len()
    }

    /// Lines of the rows that have more or fewer cells than the header, and how many they have.
    pub fn uneven(&self) -> impl Iterator<Item = (u64, usize)> + '_ {
        let cells = self.records.iter().map(|(line, row)| (*line, row.len()));
        cells.filter(|(_, cells)| *cells != self.width())
    }

    pub fn rows(&self, country_code: Option<&str>) -> Vec<Row> {
        let of = |(line, record): &(u64, csv::StringRecord)| {
            let cell = |what: &str| {
                let at = self.columns.get(what)?;
                record
                    .get(*at)
                    .map(|text| text.trim().to_owned())
                    .filter(|text| !text.is_empty())
            };
            let text = |what: &str| cell(what).unwrap_or_default();
            Row {
                line: *line,
                id: text("id").to_ascii_lowercase(),
                emails: cell("email")
                    .map(|text| hashes("email", &text, None))
                    .unwrap_or_default(),
                phones: cell("phone")
                    .map(|text| hashes("phone", &text, country_code))
                    .unwrap_or_default(),
                is_phone_national: is_national(&text("phone")),
                campaign: text("campaign"),
                campaign_id: text("campaign_id"),
                stage: text("stage"),
                page: text("page"),
                created: text("created"),
            }
        };
        self.records.iter().map(of).collect()
    }

    /// The day on which a record was made, for a range of days.
    ///
    /// # Errors
    /// `crm_day_unreadable`: in any other order of its parts a day could be another one.
    pub fn day(&self, row: &Row) -> Result<Day, Fault> {
        let text = row.created.replace('/', "-");
        let day = text.get(..10).and_then(Day::parse);
        let is_whole = !text[text.len().min(10)..].starts_with(|one: char| one.is_ascii_digit());
        day.filter(|_| is_whole).ok_or_else(|| {
            let what = format!(
                "`{}` on line {} is no day as in 2026-11-20",
                row.created, row.line
            );
            let remedy = "export days with the year first, or leave --since and --until out";
            Fault::new(
                "crm_day_unreadable",
                &self.name,
                "",
                what,
                remedy.to_owned(),
            )
        })
    }

    /// Which columns were used, for people to check.
    pub fn used(&self) -> String {
        let used = self
            .columns
            .iter()
            .map(|(what, at)| format!("{what}: {}", self.headers[*at]));
        used.collect::<Vec<_>>().join(", ")
    }
}

/// What separates cells: whatever there is most of in the header. Excel writes semicolons in half
/// of the world.
pub fn delimiter(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    [',', ';', '\t']
        .into_iter()
        .max_by_key(|mark| (count(*mark), *mark == ','))
        .unwrap_or(',')
}

/// Numbers of lines by bytes, which are asked for in order. `\r\n` and a lone `\r` end one too.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of the first text from this byte on: the reader leaves line ends before a record.
    fn line_at(&mut self, byte: usize) -> u64 {
        while let Some(one) = self.bytes.get(self.at) {
            let is_end = matches!(one, b'\r' | b'\n');
            if self.at >= byte && !is_end {
                break;
            }
            let is_half = *one == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(is_end && !is_half);
            self.at += 1;
        }
        self.line
    }
}

/// Where a quote begins that is never closed: the reader would take all that follows as one cell.
fn open_quote(text: &str, delimiter: char) -> Option<usize> {
    let mut opened = None;
    let mut is_start = true;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (byte, opened) {
            // Two are one quote of the text.
            (b'"', Some(_)) if bytes.next_if(|(_, next)| *next == b'"').is_none() => {
                opened = None;
            }
            (b'"', None) if is_start => opened = Some(at),
            _ => {}
        }
        is_start = byte == delimiter as u8 || matches!(byte, b'\r' | b'\n');
    }
    opened
}

/// Whether it is a plain phone number without a country code, as far as text tells.
fn is_national(phone: &str) -> bool {
    let begins_abroad = phone.starts_with('+') || phone.starts_with("00");
    !phone.is_empty() && !begins_abroad && !is_hash(phone)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The hashes that a contact may have been sent as.
fn hashes(rule: &str, text: &str, country_code: Option<&str>) -> Vec<String> {
    if is_hash(text) {
        return vec![text.to_ascii_lowercase()];
    }
    let normal = normalise(rule, text);
    let mut forms = vec![String::from_utf8_lossy(&normal).into_owned()];
    if rule == "phone" {
        let digits = forms[0].trim_start_matches('+').to_owned();
        if digits.is_empty() {
            return Vec::new();
        }
        forms.extend([digits.clone(), format!("+{digits}")]);
        if let Some(code) = country_code {
            forms.extend([format!("{code}{digits}"), format!("+{code}{digits}")]);
            let national = digits.strip_prefix('0').unwrap_or(&digits);
            forms.extend([format!("+{code}{national}")]);
            if let Some(national) = digits.strip_prefix(code) {
                forms.extend([national.to_owned(), format!("0{national}")]);
            }
        }
    }
    forms.sort();
    forms.dedup();
    forms
        .iter()
        .map(|form| sha256_hex(form.as_bytes()))
        .collect()
}

/// A header in lower case, letters and digits only.
fn plain(header: &str) -> String {
    // Salesforce's own fields end like this.
    let header = header.strip_suffix("__c").unwrap_or(header);
    header
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_lowercase())
        .collect()
}

const COLUMNS: &[(&str, &[&str])] = &[
    (
        "id",
        &[
            "touchmarkeventid",
            "eventid",
            "touchmarkid",
            "submissionid",
            "webeventid",
        ],
    ),
    (
        "email",
        &[
            "email",
            "emailaddress",
            "mail",
            "emailsha256",
            "emailhash",
            "hashedemail",
        ],
    ),
    (
        "phone",
        &[
            "phone",
            "phonenumber",
            "mobile",
            "mobilephone",
            "telephone",
            "tel",
            "phonesha256",
            "phonehash",
        ],
    ),
    ("campaign_id", &["campaignid", "utmid"]),
    (
        "campaign",
        &["utmcampaign", "campaign", "campaignname", "leadcampaign"],
    ),
    (
        "stage",
        &[
            "lifecyclestage",
            "stage",
            "leadstatus",
            "status",
            "leadstage",
        ],
    ),
    ("page", &["page", "landingpage", "pageid"]),
    (
        "created",
        &[
            "created",
            "createdat",
            "createddate",
            "createdate",
            "datecreated",
            "createdon",
            "date",
        ],
    ),
];
