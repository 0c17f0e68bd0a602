//! Events into series: how many a day, by page, form, campaign and type, with their verdicts.

use std::collections::{BTreeMap, BTreeSet};

use crate::captured::{self, Day, Event};

/// One row of a table, one line of a plot.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub name: String,
    /// Events of each day, in the order of the report's days.
    pub days: Vec<usize>,
    /// Events of the days before, in the order of [`Count::before`].
    pub before: Vec<usize>,
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

    /// Counts an event on a day from the report's first; one before it only as what is usual.
    fn add(&mut self, day: i64, event: &Event, is_lead: bool) {
        let Ok(day) = usize::try_from(day) else {
            let at = self.before.len() as i64 + day;
            self.before[at as usize] += 1;
            return;
        };
        self.days[day] += 1;
        self.lead_days[day] += usize::from(is_lead);
        match event.verdict.as_str() {
            "invalid" => self.invalid += 1,
            _ if !event.is_good => self.invalid += 1,
            "valid" => self.valid += 1,
            _ => self.other += 1,
        }
    }
}

/// Everything that a report counts.
#[derive(Debug, Default)]
pub struct Count {
    /// Every day from the first to the last, those without events too.
    pub days: Vec<String>,
    /// Days before the first that events are known of; only a measure of what is usual.
    pub before: Vec<String>,
    /// Day of the newest event of the input, whether it was counted or not.
    pub newest: Option<Day>,
    /// Events whose time is no date, which nothing here counts.
    pub undated: usize,
    /// Time of the newest event.
    pub latest: String,
    pub all: Series,
    /// One for each day, with one number.
    pub by_day: Vec<Series>,
    pub by_type: Vec<Series>,
    pub by_page: Vec<Series>,
    pub by_form: Vec<Series>,
    pub by_campaign: Vec<Series>,
    /// What came only before, by title of its table.
    pub gone: Vec<(&'static str, Series)>,
    /// Required fields that were missing: form and field, how often.
    pub missing: BTreeMap<(String, String), usize>,
    /// Other broken rules: form, field, keyword.
    pub broken: BTreeMap<(String, String, String), usize>,
    /// Campaign names with their ids, and how often.
    pub campaigns: BTreeMap<(String, String), usize>,
}

impl Count {
    /// Counts from `since`, or the oldest event, up to and with `until`.
    pub fn of(events: &[Event], since: Option<Day>, until: Day) -> Self {
        let dated: Vec<(Day, &Event)> = events
            .iter()
            .filter_map(|event| Some((Day::parse(event.day())?, event)))
            .collect();
        let leads: BTreeSet<&str> = captured::leads(events)
            .into_iter()
            .map(|lead| lead.id.as_str())
            .collect();
        let oldest = dated.iter().map(|(day, _)| *day).min();
        let first = since.or(oldest).map_or(until.0 + 1, |day| day.0);
        let first = first.max(until.0 + 1 - MOST_DAYS);
        let before = oldest.map_or(first, |day| day.0.clamp(first - MOST_BEFORE, first));
        let text = |days: std::ops::Range<i64>| days.map(|day| Day(day).to_string()).collect();
        let mut count = Self {
            days: text(first..until.0 + 1),
            before: text(before..first),
            undated: events.len() - dated.len(),
            newest: dated.iter().map(|(day, _)| *day).max(),
            ..Self::default()
        };
        let mut groups: BTreeMap<(&'static str, String), Series> = BTreeMap::new();
        for (day, event) in dated {
            if day.0 < before || day > until {
                continue;
            }
            let mut add = |group: &'static str, name: &str| {
                let series = groups.entry((group, name.to_owned())).or_default();
                series.before.resize(count.before.len(), 0);
                series.days.resize(count.days.len(), 0);
                series.lead_days.resize(count.days.len(), 0);
                series.add(day.0 - first, event, leads.contains(event.id.as_str()));
            };
            add("all", "all");
            add("type", &event.kind);
            if !event.page().is_empty() {
                add("page", event.page());
            }
            if !event.form().is_empty() {
                add("form", event.form());
            }
            let campaign = event.touch("campaign");
            if event.data["attribution"].is_object() {
                let named = !campaign.is_empty();
                add("campaign", if named { campaign } else { "(none)" });
            }
            if day.0 < first {
                continue;
            }
            add("day", event.day());
            count.latest.clone_from(&event.time);
            let is_told = !campaign.is_empty() || !event.touch("id").is_empty();
            if event.data["attribution"].is_object() && is_told {
                let key = (campaign.to_owned(), event.touch("id").to_owned());
                *count.campaigns.entry(key).or_default() += 1;
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
            if group != "all" && series.events() == 0 {
                count.gone.push((group, series));
                continue;
            }
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
                let (events, leads) = (self.all.events(), self.all.leads());
                let (some, more) = (plural(events), plural(leads));
                format!(
                    "{events} event{some}, {leads} lead{more}, {first} to {last}, the newest at {}",
                    self.latest
                )
            }
            _ => "no events".to_owned(),
        }
    }
}

/// The end of a word that stands for so many.
pub fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Days that are counted at most: ten years.
const MOST_DAYS: i64 = 3660;
/// Days before the first that say what is usual: four weeks, and a fall of three days.
const MOST_BEFORE: i64 = 31;
