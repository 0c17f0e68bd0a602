//! Leads and records of a range of days, so that one of either side is never told as missing for
//! the other's clock.
//!
//! An event's day is that of UTC, a record's whatever its CRM writes. So they are paired first, by
//! id over all there is, by keys with a day more at both ends; then a pair counts by its lead, what
//! found no other by its own day. Not here: how two are found to be one (`pair`).

use std::collections::HashSet;

use super::crm::{Row, Table};
use super::pair::pair;
use crate::captured::{Day, Event};
use crate::plan::fault::Fault;

/// Days, both ends with it; an end that is missing is open.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub since: Option<Day>,
    pub until: Option<Day>,
}

impl Range {
    fn holds(self, day: Day, slack: i64) -> bool {
        self.since.is_none_or(|since| day.0 >= since.0 - slack)
            && self.until.is_none_or(|until| day.0 <= until.0 + slack)
    }

    fn holds_lead(self, lead: &Event, slack: i64) -> bool {
        Day::parse(lead.day()).is_some_and(|day| self.holds(day, slack))
    }

    /// What of both sides counts.
    ///
    /// # Errors
    /// `crm_day_unreadable`: a record's day can't be told.
    pub fn within<'a>(
        self,
        leads: Vec<&'a Event>,
        table: &Table,
        rows: Vec<Row>,
    ) -> Result<(Vec<&'a Event>, Vec<Row>), Fault> {
        if self.since.is_none() && self.until.is_none() {
            return Ok((leads, rows));
        }
        let ids = |leads: &[&'a Event]| -> HashSet<&'a str> {
            leads.iter().map(|lead| lead.id.as_str()).collect()
        };
        let captured = ids(&leads);
        let named: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let leads: Vec<&Event> = leads
            .into_iter()
            .filter(|lead| self.holds_lead(lead, 1) || named.contains(lead.id.as_str()))
            .collect();
        // None for a record without a day, which counts always.
        let mut around: Vec<(Option<Day>, Row)> = Vec::new();
        for row in rows {
            let day = (!row.created.is_empty())
                .then(|| table.day(&row))
                .transpose()?;
            let is_near = day.is_none_or(|day| self.holds(day, 1));
            if is_near || captured.contains(row.id.as_str()) {
                around.push((day, row));
            }
        }
        let (days, rows): (Vec<_>, Vec<_>) = around.into_iter().unzip();
        let mut counts: Vec<bool> = days
            .iter()
            .map(|day| day.is_none_or(|day| self.holds(day, 0)))
            .collect();
        for one in pair(&leads, &rows) {
            counts[one.row] = self.holds_lead(leads[one.lead], 0);
        }
        let kept = rows.into_iter().zip(counts);
        Ok((
            leads
                .into_iter()
                .filter(|lead| self.holds_lead(lead, 0))
                .collect(),
            kept.filter(|(_, counts)| *counts)
                .map(|(row, _)| row)
                .collect(),
        ))
    }
}
