//! Series into what somebody should look at.

use std::collections::BTreeMap;
use std::path::Path;

use super::count::{Count, Series};
use crate::plan::fault::Fault;

/// Something odd.
#[derive(Clone, Debug)]
pub struct Flag {
    /// `drop`, `silent`, `required_missing`, `rule_broken`, `campaign_mismatch`, `campaign_unknown`.
    pub code: &'static str,
    /// What it is about, such as `form appointment`.
    pub about: String,
    pub what: String,
    /// The day that it happened on, if on one.
    pub day: String,
}

/// Names of campaigns by their agreed ids.
pub type Registry = BTreeMap<String, String>;

/// Reads agreed campaigns from a CSV with the columns `campaign` and `id`.
///
/// # Errors
/// `campaigns_unreadable`.
pub fn registry(file: &Path) -> Result<Registry, Fault> {
    let fault = |what: String| {
        let remedy = "name a CSV with a header line and the columns campaign and id".to_owned();
        Fault::new(
            "campaigns_unreadable",
            &file.display().to_string(),
            "",
            what,
            remedy,
        )
    };
    let mut reader = csv::Reader::from_path(file).map_err(|cause| fault(cause.to_string()))?;
    let headers = reader
        .headers()
        .map_err(|cause| fault(cause.to_string()))?
        .clone();
    let at = |name: &str| {
        headers
            .iter()
            .position(|one| one.trim().eq_ignore_ascii_case(name))
    };
    let (Some(name), Some(id)) = (at("campaign"), at("id")) else {
        return Err(fault("it has no columns campaign and id".to_owned()));
    };
    let mut registry = Registry::new();
    for record in reader.records() {
        let record = record.map_err(|cause| fault(cause.to_string()))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
        if let Some(other) = registry
            .insert(cell(name), cell(id))
            .filter(|other| *other != cell(id))
        {
            return Err(fault(format!(
                "`{}` has two ids, {other} and {}",
                cell(name),
                cell(id)
            )));
        }
    }
    Ok(registry)
}

/// Everything that is odd, the newest drops first.
pub fn flags(count: &Count, registry: Option<&Registry>, drop: f64) -> Vec<Flag> {
    let mut flags = Vec::new();
    drops(&count.days, &count.all, "all events", drop, &mut flags);
    for (title, group) in count.groups().into_iter().skip(1) {
        for series in group.iter().filter(|series| series.name != "(none)") {
            drops(
                &count.days,
                series,
                &format!("{title} {}", series.name),
                drop,
                &mut flags,
            );
        }
    }
    flags.sort_by(|one, other| other.day.cmp(&one.day));
    for ((form, field), times) in &count.missing {
        flags.push(Flag {
            code: "required_missing",
            about: format!("form {form}"),
            what: format!("`{field}` is required on `{form}` and was missing {times} time{}: was its control renamed?", plural(*times)),
            day: String::new(),
        });
    }
    for ((form, field, keyword), times) in &count.broken {
        let place = if field.is_empty() {
            String::new()
        } else {
            format!(" of `{field}`")
        };
        flags.push(Flag {
            code: "rule_broken",
            about: format!("form {form}"),
            what: format!(
                "the rule {keyword}{place} on `{form}` was broken {times} time{}",
                plural(*times)
            ),
            day: String::new(),
        });
    }
    campaigns(count, registry, &mut flags);
    flags
}

/// Days with far less than the days before. Each fall is told once, on its first day.
fn drops(days: &[String], series: &Series, about: &str, drop: f64, flags: &mut Vec<Flag>) {
    let mut is_low = false;
    for at in 1..series.days.len() {
        let before = &series.days[at.saturating_sub(WINDOW)..at];
        if before.len() < LEAST_DAYS {
            continue;
        }
        let mut sorted = before.to_vec();
        sorted.sort_unstable();
        let usual = sorted[sorted.len() / 2] as f64;
        let now = series.days[at] as f64;
        // Counts of independent events vary by about the root of their mean.
        let is_drop = usual >= LEAST_USUAL
            && now <= usual * (1.0 - drop / 100.0)
            && now < usual - 2.0 * usual.sqrt();
        if is_drop && !is_low {
            let code = if now == 0.0 { "silent" } else { "drop" };
            let percent = 100.0 - now * 100.0 / usual;
            flags.push(Flag {
                code,
                about: about.to_owned(),
                what: format!(
                    "{about} fell to {now} on {}, {percent:.0} % below the usual {usual}",
                    days[at]
                ),
                day: days[at].clone(),
            });
        }
        is_low = is_drop;
    }
}

fn campaigns(count: &Count, registry: Option<&Registry>, flags: &mut Vec<Flag>) {
    let mut add = |code, name: &str, what: String| {
        flags.push(Flag {
            code,
            about: format!("campaign {name}"),
            what,
            day: String::new(),
        });
    };
    let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ((name, id), times) in &count.campaigns {
        if !name.is_empty() && !id.is_empty() {
            ids.entry(name).or_default().push(id);
            names.entry(id).or_default().push(name);
        }
        let Some(registry) = registry else { continue };
        match registry.get(name.as_str()) {
            Some(agreed) if !id.is_empty() && agreed != id => {
                add(
                    "campaign_mismatch",
                    name,
                    format!(
                        "campaign `{name}` came {times} time{} with id {id}, and {agreed} is agreed upon",
                        plural(*times)
                    ),
                );
            }
            None if !name.is_empty() => {
                let near = crate::plan::suggest::nearest(name, registry.keys().map(String::as_str));
                let guess = near
                    .map(|near| format!("; did somebody mean `{near}`?"))
                    .unwrap_or_default();
                add(
                    "campaign_unknown",
                    name,
                    format!(
                        "campaign `{name}` came {times} time{} and is not agreed upon{guess}",
                        plural(*times)
                    ),
                );
            }
            _ => {}
        }
    }
    if registry.is_some() {
        return;
    }
    for (name, ids) in ids.iter().filter(|(_, ids)| ids.len() > 1) {
        add(
            "campaign_mismatch",
            name,
            format!(
                "campaign `{name}` came with {} ids: {}",
                ids.len(),
                ids.join(", ")
            ),
        );
    }
    for (id, names) in names.iter().filter(|(_, names)| names.len() > 1) {
        add(
            "campaign_mismatch",
            id,
            format!(
                "campaign id {id} came with {} names: {}",
                names.len(),
                names.join(", ")
            ),
        );
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

const WINDOW: usize = 7;
const LEAST_DAYS: usize = 3;
const LEAST_USUAL: f64 = 5.0;
