//! Events into series: how many a day, by page, form, campaign and type, with their verdicts.

use std::collections::{BTreeMap, BTreeSet};

use crate::captured::{self, Event};

/// One row of a table, one line of a plot.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub name: String,
    /// Events of each day, in the order of the report's days.
    pub days: Vec<usize>,
    pub lead_days: Vec<usize>,
    pub valid: usize,
    pub invalid: usize,
    /// Undeclared, unread, and events without a verdict.
    pub other: usize,
}

impl Series {
    pub fn events(&self) -> usize {
        self.days.iter().sum()
    }

    pub fn leads(&self) -> usize {
        self.lead_days.iter().sum()
    }
}

/// Everything that a report counts.
#[derive(Debug, Default)]
pub struct Count {
    /// Every day from the first to the last, those without events too.
    pub days: Vec<String>,
    /// Time of the newest event.
    pub latest: String,
    pub all: Series,
    /// One for each day, with one number.
    pub by_day: Vec<Series>,
    pub by_type: Vec<Series>,
    pub by_page: Vec<Series>,
    pub by_form: Vec<Series>,
    pub by_campaign: Vec<Series>,
    /// Required fields that were missing: form and field, how often.
    pub missing: BTreeMap<(String, String), usize>,
    /// Other broken rules: form, field, keyword.
    pub broken: BTreeMap<(String, String, String), usize>,
    /// Campaign names with their ids, and how often.
    pub campaigns: BTreeMap<(String, String), usize>,
}

impl Count {
    pub fn of(events: &[Event], since: Option<&str>, until: Option<&str>) -> Self {
        let is_within = |event: &&Event| {
            let day = event.day();
            day.len() == 10
                && since.is_none_or(|since| day >= since)
                && until.is_none_or(|until| day <= until)
        };
        let kept: Vec<&Event> = events.iter().filter(is_within).collect();
        let leads: BTreeSet<&str> = captured::leads(events)
            .into_iter()
            .map(|lead| lead.id.as_str())
            .collect();
        let first = since
            .or(kept.first().map(|event| event.day()))
            .unwrap_or_default();
        let last = until
            .or(kept.last().map(|event| event.day()))
            .unwrap_or_default();
        let mut count = Self {
            days: days(first, last),
            latest: kept
                .last()
                .map(|event| event.time.clone())
                .unwrap_or_default(),
            ..Self::default()
        };
        let mut groups: BTreeMap<(&str, String), Series> = BTreeMap::new();
        for event in kept {
            let Some(day) = count.days.iter().position(|day| day == event.day()) else {
                continue;
            };
            let is_lead = leads.contains(event.id.as_str());
            let mut add = |group: &'static str, name: &str| {
                let series = groups.entry((group, name.to_owned())).or_default();
                series.days.resize(count.days.len(), 0);
                series.lead_days.resize(count.days.len(), 0);
                series.days[day] += 1;
                series.lead_days[day] += usize::from(is_lead);
                match event.verdict.as_str() {
                    "invalid" => series.invalid += 1,
                    _ if !event.is_good => series.invalid += 1,
                    "valid" => series.valid += 1,
                    _ => series.other += 1,
                }
            };
            add("all", "all");
            add("day", event.day());
            add("type", &event.kind);
            if !event.page().is_empty() {
                add("page", event.page());
            }
            if !event.form().is_empty() {
                add("form", event.form());
            }
            if event.data["attribution"].is_object() {
                let campaign = event.touch("campaign");
                add(
                    "campaign",
                    if campaign.is_empty() {
                        "(none)"
                    } else {
                        campaign
                    },
                );
                if !campaign.is_empty() || !event.touch("id").is_empty() {
                    let key = (campaign.to_owned(), event.touch("id").to_owned());
                    *count.campaigns.entry(key).or_default() += 1;
                }
            }
            for (keyword, place) in &event.reasons {
                let form = if event.form().is_empty() {
                    event.kind.clone()
                } else {
                    event.form().to_owned()
                };
                let field = place.trim_start_matches('/').to_owned();
                if keyword == "required" {
                    *count.missing.entry((form, field)).or_default() += 1;
                } else if !keyword.is_empty() {
                    *count
                        .broken
                        .entry((form, field, keyword.clone()))
                        .or_default() += 1;
                }
            }
        }
        for ((group, name), mut series) in groups {
            series.name = name;
            match group {
                "all" => count.all = series,
                "day" => count.by_day.push(series),
                "type" => count.by_type.push(series),
                "page" => count.by_page.push(series),
                "form" => count.by_form.push(series),
                _ => count.by_campaign.push(series),
            }
        }
        for group in [
            &mut count.by_type,
            &mut count.by_page,
            &mut count.by_form,
            &mut count.by_campaign,
        ] {
            group.sort_by(|one, other| {
                other
                    .events()
                    .cmp(&one.events())
                    .then(one.name.cmp(&other.name))
            });
        }
        count
    }

    /// The tables, each with its title.
    pub fn groups(&self) -> [(&'static str, &[Series]); 5] {
        [
            ("day", &self.by_day),
            ("type", &self.by_type),
            ("page", &self.by_page),
            ("form", &self.by_form),
            ("campaign", &self.by_campaign),
        ]
    }

    /// In words, what was counted.
    pub fn span(&self) -> String {
        match (self.days.first(), self.days.last()) {
            (Some(first), Some(last)) if !self.latest.is_empty() => {
                format!(
                    "{} events, {} leads, {first} to {last}, the newest at {}",
                    self.all.events(),
                    self.all.leads(),
                    self.latest
                )
            }
            _ => "no events".to_owned(),
        }
    }
}

/// Every day from one to another; at most ten years.
fn days(first: &str, last: &str) -> Vec<String> {
    let mut all = Vec::new();
    let Some(mut day) = parse(first) else {
        return all;
    };
    while all.len() < 3660 {
        let text = format!("{:04}-{:02}-{:02}", day.0, day.1, day.2);
        if text.as_str() > last {
            break;
        }
        all.push(text);
        day = next(day);
    }
    all
}

fn parse(day: &str) -> Option<(u32, u32, u32)> {
    let mut parts = day.split('-').map(|part| part.parse().ok());
    let day = (parts.next()??, parts.next()??, parts.next()??);
    ((1..=12).contains(&day.1) && (1..=31).contains(&day.2)).then_some(day)
}

fn next((year, month, day): (u32, u32, u32)) -> (u32, u32, u32) {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (day < length, month) {
        (true, _) => (year, month, day + 1),
        (false, 12) => (year + 1, 1, 1),
        (false, _) => (year, month + 1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_go_on_over_months_and_leap_years() {
        assert_eq!(
            days("2024-02-28", "2024-03-01"),
            ["2024-02-28", "2024-02-29", "2024-03-01"]
        );
        assert_eq!(
            days("2026-12-31", "2027-01-01"),
            ["2026-12-31", "2027-01-01"]
        );
        assert!(days("2026-12-31", "2026-12-30").is_empty() && days("", "").is_empty());
    }
}
