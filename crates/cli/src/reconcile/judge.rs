//! Pairs into what is missing, doubled and contradictory, and counts by page and campaign.

use std::collections::{BTreeMap, HashSet};

use super::crm::{Row, Table};
use super::pair::{By, Pair};
use crate::captured::Event;
use crate::plan::fault::{Fault, Faults};
use crate::plan::shared::SharedSchema;
use crate::plan::suggest;

/// Something that doesn't agree.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// `missing_in_crm`, `missing_in_events`, `duplicate_in_crm`, `duplicate_event`,
    /// `campaign_differs`, `campaign_id_differs`, `stage_differs`, `not_a_lead`, `row_uneven`.
    pub code: &'static str,
    /// Line in the CSV file; 0 for none.
    pub line: u64,
    /// Id of the event; empty for none.
    pub event: String,
    pub what: String,
    pub page: String,
    pub campaign: String,
}

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Judgement {
    pub leads: usize,
    pub rows: usize,
    pub by_id: usize,
    pub by_keys: usize,
    pub by_one_key: usize,
    /// Records whose phone lacks a country code and is no lead's.
    pub national_phones: usize,
    pub troubles: Vec<Trouble>,
    pub pages: BTreeMap<String, Counts>,
    pub campaigns: BTreeMap<String, Counts>,
}

/// Of one page or campaign.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub captured: usize,
    pub matched: usize,
    pub missing: usize,
    pub duplicate: usize,
    pub contradictory: usize,
    /// Records without an event.
    pub unknown: usize,
}

impl Judgement {
    /// Whether both sides agree, but for some percent missing on either.
    pub fn agrees(&self, tolerance: f64) -> bool {
        let count = |code: &str| self.troubles.iter().filter(|one| one.code == code).count();
        let share = |missing: usize, of: usize| {
            if of == 0 {
                0.0
            } else {
                missing as f64 * 100.0 / of as f64
            }
        };
        let missing = [
            ("missing_in_crm", self.leads),
            ("missing_in_events", self.rows),
        ];
        let is_other = |one: &Trouble| !missing.iter().any(|(code, _)| *code == one.code);
        missing
            .iter()
            .all(|(code, of)| share(count(code), *of) <= tolerance)
            && !self.troubles.iter().any(is_other)
    }
}

impl Judgement {
    /// Adds the rows whose cells may stand under the wrong headers.
    pub fn tell_uneven(&mut self, table: &Table) {
        self.troubles.extend(table.uneven().map(|(line, cells)| Trouble {
            code: "row_uneven",
            line,
            event: String::new(),
            what: format!(
                "of {} has {cells} cells, and the header has {}: is a separator in a text without quotes?",
                table.name,
                table.width(),
            ),
            page: String::new(),
            campaign: String::new(),
        }));
    }
}

/// How many records have a phone that only a country code could match.
pub fn unmatched_national_phones(leads: &[&Event], rows: &[Row]) -> usize {
    let known: HashSet<&str> = leads.iter().map(|lead| lead.field("phone")).collect();
    let is_known = |row: &&Row| {
        row.phones
            .iter()
            .any(|phone| known.contains(phone.as_str()))
    };
    let national = rows.iter().filter(|row| row.is_phone_national);
    national.filter(|row| !is_known(row)).count()
}

/// What a CRM's stages are in the words of the schema.
pub struct Stages(Vec<(String, String)>);

/// Refuses stages that are called like nothing that events can be.
///
/// # Errors
/// `stage_unknown`.
pub fn known_stages(named: &[(String, String)], events: &[Event]) -> Result<(), Fault> {
    let shared = SharedSchema::open(None, &mut Faults::default())?;
    let types = shared.type_names();
    for (word, kind) in named {
        let is_known = types.contains(&kind.as_str()) || events.iter().any(|one| one.kind == *kind);
        if !is_known {
            let what = format!("`{word}` would be `{kind}`, which is no type of event");
            let remedy = suggest::remedy(kind, "types", &types);
            return Err(Fault::new("stage_unknown", "--stage", "", what, remedy));
        }
    }
    Ok(())
}

impl Stages {
    pub fn new(named: &[(String, String)]) -> Self {
        let usual = STAGES
            .iter()
            .map(|(word, kind)| ((*word).to_owned(), (*kind).to_owned()));
        let named = named.iter().map(|(word, kind)| (plain(word), kind.clone()));
        Self(named.chain(usual).collect())
    }

    /// The lifecycle type of a stage; `None` for one that nobody explained.
    fn of(&self, stage: &str) -> Option<&str> {
        let stage = plain(stage);
        let known = self.0.iter().find(|(word, _)| *word == stage);
        known.map(|(_, kind)| kind.as_str())
    }
}

pub fn judge(
    events: &[Event],
    leads: &[&Event],
    rows: &[Row],
    pairs: &[Pair],
    stages: &Stages,
) -> Judgement {
    let mut result = Judgement {
        leads: leads.len(),
        rows: rows.len(),
        ..Judgement::default()
    };
    let mut of_lead: BTreeMap<usize, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        of_lead.entry(pair.lead).or_default().push(pair);
        match pair.by {
            By::Id => result.by_id += 1,
            By::Keys => result.by_keys += 1,
            By::OneKey => result.by_one_key += 1,
        }
    }
    for (at, lead) in leads.iter().enumerate() {
        let found = of_lead.get(&at).map_or(&[][..], Vec::as_slice);
        let mut troubles = Vec::new();
        let trouble = |code, line, what: String| Trouble {
            code,
            line,
            event: lead.id.clone(),
            what,
            page: lead.page().to_owned(),
            campaign: campaign_of(lead),
        };
        if found.is_empty() {
            let what = format!(
                "captured {} on form `{}`, and no record has it",
                lead.day(),
                lead.form()
            );
            troubles.push(trouble("missing_in_crm", 0, what));
        }
        for pair in found.iter().skip(1) {
            let row = &rows[pair.row];
            let what = format!("line {} has the same lead already", rows[found[0].row].line);
            troubles.push(trouble("duplicate_in_crm", row.line, what));
        }
        for pair in found {
            let row = &rows[pair.row];
            contradictions(events, lead, row, stages, &mut |code, what| {
                troubles.push(trouble(code, row.line, what))
            });
        }
        let count = |counts: &mut Counts| {
            let has = |part: &str| {
                troubles
                    .iter()
                    .filter(|one| one.code.contains(part))
                    .count()
            };
            counts.captured += 1;
            counts.matched += usize::from(!found.is_empty());
            counts.missing += has("missing");
            counts.duplicate += has("duplicate");
            counts.contradictory += has("differs");
        };
        count(result.pages.entry(lead.page().to_owned()).or_default());
        count(result.campaigns.entry(campaign_of(lead)).or_default());
        result.troubles.append(&mut troubles);
    }
    doubled_events(leads, &mut result);
    for (at, row) in rows.iter().enumerate() {
        if pairs.iter().any(|pair| pair.row == at) {
            continue;
        }
        let known = events
            .iter()
            .find(|event| !row.id.is_empty() && event.id == row.id);
        let (code, what) = match known {
            Some(event) if event.kind == "form_submit" => (
                "not_a_lead",
                "its submission failed, or was tried again".to_owned(),
            ),
            Some(event) => ("not_a_lead", format!("its event is a {}", event.kind)),
            None if row.id.is_empty() => (
                "missing_in_events",
                "no event has its keys, and it has no event id".to_owned(),
            ),
            None => ("missing_in_events", "no event has its id".to_owned()),
        };
        result.pages.entry(row.page.clone()).or_default().unknown += 1;
        result
            .campaigns
            .entry(row.campaign.clone())
            .or_default()
            .unknown += 1;
        result.troubles.push(Trouble {
            code,
            line: row.line,
            event: known.map(|event| event.id.clone()).unwrap_or_default(),
            what,
            page: row.page.clone(),
            campaign: row.campaign.clone(),
        });
    }
    result
}

/// Two leads of one person, form and hour: a double that no retry explains.
fn doubled_events(leads: &[&Event], result: &mut Judgement) {
    let mut first: BTreeMap<(String, String, String, String), &Event> = BTreeMap::new();
    for lead in leads {
        let (email, phone) = (lead.field("email"), lead.field("phone"));
        if email.is_empty() && phone.is_empty() {
            continue;
        }
        let hour = lead.time.get(..13).unwrap_or_default();
        let key = (
            email.to_owned(),
            phone.to_owned(),
            lead.form().to_owned(),
            hour.to_owned(),
        );
        match first.get(&key) {
            Some(known) => result.troubles.push(Trouble {
                code: "duplicate_event",
                line: 0,
                event: lead.id.clone(),
                what: format!(
                    "the same person sent form `{}` within the hour as {}",
                    lead.form(),
                    known.id
                ),
                page: lead.page().to_owned(),
                campaign: campaign_of(lead),
            }),
            None => {
                first.insert(key, lead);
            }
        }
    }
}

fn contradictions(
    events: &[Event],
    lead: &Event,
    row: &Row,
    stages: &Stages,
    add: &mut dyn FnMut(&'static str, String),
) {
    for (code, name, own, other) in [
        (
            "campaign_differs",
            "campaign",
            lead.touch("campaign"),
            row.campaign.as_str(),
        ),
        (
            "campaign_id_differs",
            "campaign id",
            lead.touch("id"),
            row.campaign_id.as_str(),
        ),
    ] {
        // Where consent forbade attribution there is nothing to contradict.
        let is_told = lead.data["attribution"].is_object() && !other.is_empty();
        if is_told && !own.trim().eq_ignore_ascii_case(other.trim()) {
            let shown = if own.is_empty() {
                "none".to_owned()
            } else {
                format!("`{own}`")
            };
            add(
                code,
                format!("the {name} is {shown} in the event and `{other}` in the CRM"),
            );
        }
    }
    let last = events
        .iter()
        .filter(|event| event.data["submission"].as_str() == Some(lead.id.as_str()))
        .filter(|event| STAGES.iter().any(|(_, kind)| *kind == event.kind))
        .max_by(|one, other| one.time.cmp(&other.time));
    if row.stage.is_empty() {
        return;
    }
    match (stages.of(&row.stage), last) {
        (Some(stage), Some(event)) if stage != event.kind => {
            add(
                "stage_differs",
                format!(
                    "the last lifecycle event is {}, and the CRM says `{}`, which is {stage}",
                    event.kind, row.stage
                ),
            );
        }
        (Some(stage), None) if stage != "lead_created" => {
            add(
                "stage_differs",
                format!(
                    "no lifecycle event was received, and the CRM says `{}`, which is {stage}",
                    row.stage
                ),
            );
        }
        (None, Some(event)) => {
            add(
                "stage_differs",
                format!(
                    "the last lifecycle event is {}, and nobody explained the CRM's `{}`: --stage does",
                    event.kind, row.stage
                ),
            );
        }
        _ => {}
    }
}

fn campaign_of(lead: &Event) -> String {
    lead.touch("campaign").to_owned()
}

fn plain(word: &str) -> String {
    word.chars()
        .filter(|one| one.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Words that CRMs use, letters and digits only.
const STAGES: &[(&str, &str)] = &[
    ("leadcreated", "lead_created"),
    ("new", "lead_created"),
    ("lead", "lead_created"),
    ("open", "lead_created"),
    ("leadqualified", "lead_qualified"),
    ("qualified", "lead_qualified"),
    ("mql", "lead_qualified"),
    ("marketingqualifiedlead", "lead_qualified"),
    ("sql", "lead_qualified"),
    ("salesqualifiedlead", "lead_qualified"),
    ("leaddisqualified", "lead_disqualified"),
    ("disqualified", "lead_disqualified"),
    ("unqualified", "lead_disqualified"),
    ("appointmentcreated", "appointment_created"),
    ("appointment", "appointment_created"),
    ("scheduled", "appointment_created"),
    ("booked", "appointment_created"),
    ("appointmentcompleted", "appointment_completed"),
    ("completed", "appointment_completed"),
    ("patient", "appointment_completed"),
    ("appointmentcanceled", "appointment_canceled"),
    ("canceled", "appointment_canceled"),
    ("cancelled", "appointment_canceled"),
];
