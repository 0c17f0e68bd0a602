//! What simulated schedules are made from, and what they come to.

use std::collections::BTreeMap;
use std::fmt;

use touchmark::input::Answer;

/// The smallest plan: events are calls and submissions of undeclared forms.
pub const PLAN: &str = r#"{"touchmark":1,"plan":"00112233445566ff","site":"sim","endpoint":"/v1/events","schema":"s","events":["call_click"],"consent":{"source":"api"},"storage":"local","data_layer":false,"rules":["(?:^|\\D)\\d{3}-\\d\\d-\\d{4}(?!\\d)", "[^\\s@](?:@|%40)[^\\s@.%]+\\.\\p{L}", "(?:^ |(?:^|\\W)\\+|%2[Bb]) ?\\(?\\d(?:[ ().\\-\\/]{0,3}\\d){6,14}(?!\\d)|(?:^|\\D)(?:\\(\\d{3}\\) ?|\\d{3}[ .\\-])\\d{3}[ .\\-]\\d{4}(?!\\d)|(?:^|\\D)\\d{1,3} \\d{2,4} \\d{3,4} \\d{3,4}(?!\\d)|(?:^|[^\\d.\\-\\/])(?=(?:\\d[ .\\-\\/]?){10,12}(?!\\d))0\\d{1,4}[ .\\-\\/]\\d", "^(?:4\\d{12}(?:\\d{3}){0,2}|(?:5[1-5]|2[2-7]|35)\\d{14}|3[47]\\d{13}|3[068]\\d{12}|6(?:011|4|5)\\d{12,15}|62\\d{14,17})$", "[Pp][Aa][Ss][Ss][Ww]|[Pp][Ww][Dd]|[Cc]srf|CSRF|[Xx]srf|XSRF|[Tt]oken|TOKEN|[Nn]once|[Cc]aptcha|[Tt]urnstile|VIEWSTATE|EVENTVALIDATION|[Vv]erification[Cc]ode|[Hh]oney|_gotcha|bot-field|(?:^|[^a-z])(?:hp|ssn|SSN|cvv|CVV|cvc|CVC|otp|OTP)(?:[^a-z]|$)"]}"#;

/// splitmix64.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

/// How the endpoint, or the way to it, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    Up,
    /// Answers with a status, and stores nothing.
    Refusing(u64),
    /// Loses requests on their way.
    DroppingRequests,
    /// Stores, and loses the answers.
    DroppingAnswers,
    /// Refuses bodies that are longer.
    Limited(usize),
    Offline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Running,
    /// In the browser's cache: neither timers nor answers reach it.
    Frozen,
    Dead,
}

/// An answer on its way to a tab.
pub struct Arrival {
    pub at: u64,
    pub tab: usize,
    pub answer: Answer,
    pub ids: Vec<String>,
}

/// What happened, over all schedules.
#[derive(Debug, Default)]
pub struct Counts {
    pub schedules: u64,
    pub tabs: u64,
    pub crashes: u64,
    pub traps: u64,
    pub events: u64,
    pub requests: u64,
    pub stored: u64,
    pub duplicates: u64,
    pub leases: u64,
    pub refused_leases: u64,
    pub failed_writes: u64,
    pub withdrawals: u64,
    pub reports: BTreeMap<String, u64>,
}

impl Counts {
    pub fn add(&mut self, one: &Counts) {
        self.schedules += 1;
        self.tabs += one.tabs;
        self.crashes += one.crashes;
        self.traps += one.traps;
        self.events += one.events;
        self.requests += one.requests;
        self.stored += one.stored;
        self.duplicates += one.duplicates;
        self.leases += one.leases;
        self.refused_leases += one.refused_leases;
        self.failed_writes += one.failed_writes;
        self.withdrawals += one.withdrawals;
        for (code, count) in &one.reports {
            *self.reports.entry(code.clone()).or_default() += count;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} schedules, {} tabs, {} crashes, {} traps, {} events kept, {} requests, {} stored, {} sent twice, \
             {} leases, {} refused, {} failed writes, {} withdrawals, reports {:?}",
            self.schedules,
            self.tabs,
            self.crashes,
            self.traps,
            self.events,
            self.requests,
            self.stored,
            self.duplicates,
            self.leases,
            self.refused_leases,
            self.failed_writes,
            self.withdrawals,
            self.reports,
        )
    }
}
