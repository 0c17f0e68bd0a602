//! What earlier pages left behind: records, touches, and the submission that led here.
//!
//! Part of the tracker: these methods see the whole session.

use super::{Load, Session};
use crate::attribution::Attribution;
use crate::consent::Purpose;
use crate::event::{self, Head};
use crate::id::result_id;
use crate::output::{ATTRIBUTION_KEY, Area, LEFT_KEY, OUTBOX_PREFIX, Outputs, What};
use crate::plan::UNDECLARED;
use crate::text::{after, concat, decimal, next, pieces, whole};
use crate::time::UnixMillis;
use crate::value::{Json, Value};

/// How long after a native submission the page it leads to may arrive.
const SETTLE_LIMIT_MS: u64 = 120_000;

/// The submission whose navigation led here.
pub(super) struct Left {
    submission: String,
    form: String,
    at: UnixMillis,
}

impl Session {
    /// Takes what storage held; from here on records are kept there.
    pub(super) fn take_stored(&mut self, now: UnixMillis, records: &Value, out: &mut Outputs) {
        self.load = Load::Done;
        // Read for a lease, only records are news, and only those of other pages.
        let is_for_records = self.outbox.is_leased;
        self.outbox.is_durable = true;
        self.outbox.forget_others();
        let source = event::source(self.plan);
        let mut known = Attribution::default();
        for (key, text) in records.members() {
            let text = text.as_text().unwrap_or("");
            if let Some(id) = after(key, OUTBOX_PREFIX) {
                if self.gate.is_refused(Purpose::Send) {
                    out.remove_everywhere(key);
                    continue;
                }
                self.outbox
                    .restore(now, id, text, [&source, &self.former], out);
            } else if key == ATTRIBUTION_KEY {
                match Value::parse(text) {
                    Ok(record) => known = Attribution::from_value(&record),
                    Err(_) => {
                        out.remove_everywhere(key);
                        out.report("record_unreadable", "attribution");
                    }
                }
            } else if key == LEFT_KEY && !is_for_records {
                self.left = Left::from_text(text);
                out.push(What::Remove(Area::Session), 0, key, "");
            }
        }
        if is_for_records {
            return;
        }
        // What this page has seen meanwhile, without a grant to keep it, joins what was kept.
        let before = known.clone();
        self.take_over(now, known);
        if self.attribution != before {
            self.keep_attribution(out);
        }
        self.fill_all(now, out);
    }

    /// Joins touches with those at hand, once each is as young as the plan allows.
    pub(super) fn take_over(&mut self, now: UnixMillis, mut known: Attribution) {
        let limits = self.plan.attribution().member("max_age_days");
        let limits = limits.unwrap_or(&Value::Null);
        known.expire(now, limits);
        self.attribution.expire(now, limits);
        self.attribution.merge(known);
    }

    /// Keeps the touches for later pages, where that is allowed.
    pub(super) fn keep_attribution(&self, out: &mut Outputs) {
        if self.may_keep() && self.gate.may(Purpose::Attribute) {
            let mut json = Json::default();
            self.attribution.write_record(&mut json);
            let area = What::Store(self.outbox.area);
            out.push(area, 0, ATTRIBUTION_KEY, &json.finish());
        }
    }

    /// Tells the next page in this tab which submission it may be the response to.
    pub(super) fn leave(&self, left: &Left, out: &mut Outputs) {
        let Left {
            submission,
            form,
            at,
        } = left;
        if self.may_keep() && form != UNDECLARED {
            let text = concat(&[submission, " ", form, " ", &decimal(at.0)]);
            out.push(What::Store(Area::Session), 0, LEFT_KEY, &text);
        }
    }

    /// Asks the kernel to judge this page, if it can be the response to a submission.
    pub(super) fn expect_response(&mut self, now: UnixMillis, out: &mut Outputs) {
        let Some(left) = &self.left else {
            return;
        };
        // The answer may come any time later.
        if core::mem::replace(&mut self.is_asked, true) {
            return;
        }
        match self.plan.form_index(&left.form) {
            Some(form) if self.is_fresh && now.since(left.at) < SETTLE_LIMIT_MS => {
                out.push(What::Watch, form as u64, "", "");
            }
            _ => self.left = None,
        }
    }

    /// Settles the submission whose navigation led here; the first answer wins.
    pub(super) fn settle_left(&mut self, now: UnixMillis, outcome: &str, out: &mut Outputs) {
        if outcome != "accepted" && outcome != "failed" {
            return;
        }
        let Some(left) = self.left.take() else {
            return;
        };
        let Some(id) = result_id(&left.submission) else {
            return;
        };
        let head = Head {
            kind: "form_result",
            id: &id,
            subject: &left.form,
            at: now,
        };
        let mut frame = self.frame(self.page);
        frame.attribution = None;
        frame.diagnostics = &[];
        let event = frame.seal(&head, &|json: &mut Json| {
            json.name("form");
            json.open("{");
            json.member("id", &left.form);
            json.member("submission", &left.submission);
            json.member("outcome", outcome);
            json.close("}");
        });
        self.outbox.put(now, now, &id, event, out);
        let form = self.plan.form_index(&left.form);
        if outcome == "failed" {
            self.submissions.note_retry(form, &left.submission);
        } else {
            self.submissions.forget_retry(form);
        }
        if !self.plan.announces_sent() {
            self.announce_result(&left.form, &left.submission, outcome, out);
        }
    }
}

impl Left {
    pub(super) fn of(submission: &str, form: &str, at: UnixMillis) -> Left {
        Left {
            submission: String::from(submission),
            form: String::from(form),
            at,
        }
    }

    fn from_text(text: &str) -> Option<Left> {
        let words = &mut pieces(text, b' ');
        Some(Left {
            submission: String::from(next(words)),
            form: String::from(next(words)),
            at: UnixMillis(whole(next(words))?),
        })
    }
}
