//! Series into what somebody should look at.

use std::collections::BTreeMap;
use std::path::Path;

use super::count::{Count, Series, plural};
use crate::plan::fault::Fault;
use crate::reconcile::delimiter;

/// Something odd.
#[derive(Clone, Debug)]
pub struct Flag {
    /// `no_events`, `time_unreadable`, `drop`, `silent`, `required_missing`, `rule_broken`, `campaign_mismatch`,
    /// `campaign_unknown`.
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
    let text = std::fs::read_to_string(file).map_err(|cause| fault(cause.to_string()))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text) as u8)
        .from_reader(text.as_bytes());
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
        let line = record.position().map_or(0, csv::Position::line);
        if cell(name).is_empty() || cell(id).is_empty() {
            return Err(fault(format!("line {line} lacks a campaign or its id")));
        }
        if let Some((other, _)) = registry
            .iter()
            .find(|(known, one)| **one == cell(id) && **known != cell(name))
        {
            let what = format!("the id {} is `{other}` and `{}`", cell(id), cell(name));
            return Err(fault(what));
        }
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

/// Everything that is odd: that nothing came at all, then the newest drops first.
pub fn flags(count: &Count, registry: Option<&Registry>, drop: f64) -> Vec<Flag> {
    let mut flags = Vec::new();
    drops(count, &count.all, "all events", drop, &mut flags);
    let shown = count.groups().into_iter().skip(1);
    let shown = shown.flat_map(|(title, group)| group.iter().map(move |series| (title, series)));
    let gone = count.gone.iter().map(|(title, series)| (*title, series));
    for (title, series) in shown.chain(gone).filter(|(_, one)| one.name != "(none)") {
        let about = format!("{title} {}", series.name);
        drops(count, series, &about, drop, &mut flags);
    }
    flags.sort_by(|one, other| other.day.cmp(&one.day));
    if count.all.events() == 0 {
        flags.insert(0, nothing(count));
    }
    if count.undated > 0 {
        let (times, are) = (
            count.undated,
            if count.undated == 1 { "has" } else { "have" },
        );
        flags.push(Flag {
            code: "time_unreadable",
            about: "all events".to_owned(),
            what: format!(
                "{times} event{} {are} no `time` that can be read, and {} in no number here: look at /bad of the collector",
                plural(times),
                if times == 1 { "is" } else { "are" },
            ),
            day: String::new(),
        });
    }
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

/// That nothing came in the whole range, and where to look.
fn nothing(count: &Count) -> Flag {
    let range = match (count.days.first(), count.days.last()) {
        (Some(first), Some(last)) => format!("from {first} to {last}"),
        _ => "in the range".to_owned(),
    };
    let is_later = |day: &str| count.days.last().is_none_or(|last| day > last.as_str());
    let rest = match count.newest.map(|day| day.to_string()) {
        Some(day) if is_later(&day) => {
            format!("the newest of the input is of {day}, which --until {day} counts")
        }
        Some(day) => format!("the newest of the input is of {day}"),
        None if count.undated > 0 => "none of the input has a time that can be read".to_owned(),
        None => "the input holds none at all: is it the collector's file?".to_owned(),
    };
    Flag {
        code: "no_events",
        about: "all events".to_owned(),
        what: format!("no event came {range}; {rest}"),
        day: String::new(),
    }
}

/// One to three days with far less than usual. Each fall is told once, on the day that shows it.
fn drops(count: &Count, series: &Series, about: &str, drop: f64, flags: &mut Vec<Flag>) {
    let counts = [&series.before[..], &series.days].concat();
    let days: Vec<&String> = count.before.iter().chain(&count.days).collect();
    let mut is_low = false;
    for last in LEAST_DAYS.max(count.before.len())..counts.len() {
        let fall = (1..=LONGEST)
            .filter(|length| last + 1 >= LEAST_DAYS + length)
            .find_map(|length| {
                let first = last + 1 - length;
                let usual: f64 = (first..=last).map(|day| usual(&counts, first, day)).sum();
                let now: usize = counts[first..=last].iter().sum();
                // Counts of independent events vary by about the root of their mean.
                let is_drop = usual >= LEAST_USUAL * length as f64
                    && now as f64 <= usual * (1.0 - drop / 100.0)
                    && (now as f64) < usual - 3.0 * usual.sqrt();
                is_drop.then_some((first, now, usual))
            });
        if let Some((first, now, usual)) = fall.filter(|_| !is_low) {
            let code = if now == 0 { "silent" } else { "drop" };
            let percent = 100.0 - now as f64 * 100.0 / usual;
            let when = match first == last {
                true => format!("on {}", days[last]),
                false => format!("from {} to {}", days[first], days[last]),
            };
            flags.push(Flag {
                code,
                about: about.to_owned(),
                what: format!(
                    "{about} fell to {now} {when}, {percent:.0} % below the usual {usual}"
                ),
                day: days[last].to_owned(),
            });
        }
        is_low = fall.is_some();
    }
}

/// What a day would bring: the median of the week before the fall, or that of its own weekday,
/// whichever is less, since weekends are quiet everywhere.
fn usual(counts: &[usize], first: usize, day: usize) -> f64 {
    let median = |mut some: Vec<usize>| {
        some.sort_unstable();
        some.get(some.len() / 2)
            .map_or(f64::MAX, |middle| *middle as f64)
    };
    let week = median(counts[first.saturating_sub(WINDOW)..first].to_vec());
    let same = (1..=4)
        .filter_map(|weeks| day.checked_sub(weeks * 7))
        .filter(|day| *day < first);
    week.min(median(same.map(|day| counts[day]).collect()))
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

const WINDOW: usize = 7;
const LEAST_DAYS: usize = 3;
const LEAST_USUAL: f64 = 5.0;
/// Days of a fall that are looked at together.
const LONGEST: usize = 3;
