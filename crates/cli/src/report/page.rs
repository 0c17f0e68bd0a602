//! A report as one HTML page that needs nothing else: no script, no font, no network.

use super::Report;
use super::count::Series;
use super::plot;

pub fn page(report: &Report) -> String {
    let Report { count, flags } = report;
    let flagged: Vec<&str> = flags
        .iter()
        .map(|flag| flag.day.as_str())
        .filter(|day| !day.is_empty())
        .collect();
    let invalid = count.all.invalid;
    let share = |n: usize| {
        if count.all.events() == 0 {
            0.0
        } else {
            n as f64 * 100.0 / count.all.events() as f64
        }
    };
    let days = count.days.len();
    let number = |label: &str, value: String, note: String| {
        format!("<div class=\"number\"><dt>{label}</dt><dd>{value}<small>{note}</small></dd></div>")
    };
    let numbers = [
        number(
            "Events",
            grouped(count.all.events()),
            format!("in {days} day{}", if days == 1 { "" } else { "s" }),
        ),
        number(
            "Leads",
            grouped(count.all.leads()),
            "submissions that count".to_owned(),
        ),
        number(
            "Invalid",
            grouped(invalid),
            format!("{:.1} % of events", share(invalid)),
        ),
        number(
            "Flagged",
            grouped(flags.len()),
            if flags.is_empty() {
                "nothing to look at"
            } else {
                "to look at"
            }
            .to_owned(),
        ),
    ];
    let flags_html = if flags.is_empty() {
        "<p class=\"calm\">Nothing to flag: no sudden drop, no required field missing, no campaign id that doesn’t match.</p>".to_owned()
    } else {
        let items: Vec<String> = flags
            .iter()
            .map(|flag| {
                format!(
                    "<li><code>{}</code><span>{}</span></li>",
                    flag.code,
                    marked(&flag.what)
                )
            })
            .collect();
        format!("<ul class=\"flags\">{}</ul>", items.join(""))
    };
    let tables: Vec<String> = count
        .groups()
        .into_iter()
        .skip(1)
        .filter(|(_, group)| !group.is_empty())
        .map(|(title, group)| table(title, group))
        .collect();
    let span = match (count.days.first(), count.days.last()) {
        (Some(first), Some(last)) if count.latest.is_empty() => {
            format!("No events, {first} to {last}")
        }
        (Some(first), Some(last)) => format!(
            "{first} to {last}; the newest event is of {}",
            html(&count.latest)
        ),
        _ => "No events".to_owned(),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>touchmark report</title>\n<style>{STYLE}</style>\n<main>\n<header><h1>What was captured</h1><p>{span}</p></header>\n<dl class=\"numbers\">{}</dl>\n<section><h2>Events a day</h2><p class=\"legend\"><i class=\"valid\"></i>valid <i class=\"other\"></i>without verdict <i class=\"invalid\"></i>invalid <i class=\"mark\"></i>sudden drop</p>{}</section>\n<section><h2>Flagged</h2>{flags_html}</section>\n<div class=\"tables\">{}</div>\n<footer>touchmark {} · counted from events as the collector judged them</footer>\n</main>\n</html>\n",
        numbers.join(""),
        plot::days(count, &flagged),
        tables.join("\n"),
        env!("CARGO_PKG_VERSION"),
    )
}

fn table(title: &str, group: &[Series]) -> String {
    let most = group.iter().map(Series::events).max().unwrap_or(1).max(1) as f64;
    let rows: Vec<String> = group
        .iter()
        .take(SHOWN)
        .map(|one| {
            let part = |n: usize| n as f64 * 100.0 / most;
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"bar\"><span class=\"valid\" style=\"width:{:.2}%\"></span><span class=\"other\" style=\"width:{:.2}%\"></span><span class=\"invalid\" style=\"width:{:.2}%\"></span></td><td>{}</td><td>{}</td><td>{}</td><td class=\"trend\">{}</td></tr>",
                html(&one.name), part(one.valid), part(one.other), part(one.invalid),
                grouped(one.events()), grouped(one.leads()), grouped(one.invalid), plot::spark(one),
            )
        })
        .collect();
    let rest = group.len().saturating_sub(SHOWN);
    let rest = if rest > 0 {
        format!("<p class=\"rest\">and {rest} more</p>")
    } else {
        String::new()
    };
    format!(
        "<section><h2>By {title}</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">{title}</th><th></th><th scope=\"col\">events</th><th scope=\"col\">leads</th><th scope=\"col\">invalid</th><th scope=\"col\">trend</th></tr></thead><tbody>{}</tbody></table></div>{rest}</section>",
        rows.join(""),
    )
}

/// Text with its `names` as code.
fn marked(text: &str) -> String {
    let parts = html(text);
    let mut out = String::new();
    for (at, part) in parts.split('`').enumerate() {
        out.push_str(&if at % 2 == 1 {
            format!("<b>{part}</b>")
        } else {
            part.to_owned()
        });
    }
    out
}

/// Campaigns come from addresses: whatever somebody put there is text here.
fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// `12,345`
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const SHOWN: usize = 25;
const STYLE: &str = "
:root{color-scheme:light dark;--ink:#16302e;--soft:#5c706d;--line:#dfe7e4;--ground:#f6f8f7;--card:#fff;--valid:#0d7a6f;--other:#9fc3bb;--invalid:#c2412d;--mark:#b4530a}
@media(prefers-color-scheme:dark){:root{--ink:#e6efec;--soft:#9db0ab;--line:#2b3a37;--ground:#101917;--card:#18231f;--valid:#35a797;--other:#4d6f68;--invalid:#ef7a63;--mark:#f0a35c}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0;letter-spacing:-.01em}h2{font-size:16px;margin:0 0 12px}
header p{margin:6px 0 0;color:var(--soft)}
section,.number{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px}
section{margin-top:16px;min-width:0}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:16px;margin:24px 0 0}
.number{padding:16px 20px}dt{color:var(--soft)}dd{margin:2px 0 0;font-size:30px;font-weight:600;line-height:1.2;font-variant-numeric:tabular-nums}
dd small{display:block;font-size:13px;font-weight:400;color:var(--soft);margin-top:4px}
.flags{list-style:none;margin:0;padding:0}.flags li{display:grid;grid-template-columns:170px 1fr;gap:16px;padding:8px 0;border-top:1px solid var(--line)}
.flags li:first-child{border-top:0;padding-top:0}.flags code{font:600 12px/1.9 ui-monospace,monospace;color:var(--mark)}
.calm{margin:0;color:var(--soft)}.legend{margin:-4px 0 12px;color:var(--soft);font-size:13px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 6px 0 14px}.legend i:first-child{margin-left:0}
i.valid,span.valid{background:var(--valid)}i.other,span.other{background:var(--other)}i.invalid,span.invalid{background:var(--invalid)}
i.mark{width:0;height:0;border:5px solid transparent;border-top:8px solid var(--mark);border-bottom:0;border-radius:0}
svg{display:block;width:100%;height:auto}rect.valid{fill:var(--valid)}rect.other{fill:var(--other)}rect.invalid{fill:var(--invalid)}
rect.hit{fill:transparent}g:hover rect.hit{fill:var(--ink);fill-opacity:.06}.grid{stroke:var(--line)}.tick{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}.flag{fill:var(--mark)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:7px 12px;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
thead th{border:0;color:var(--soft);font-weight:400;font-size:13px}th:first-child{text-align:left;padding-left:0;font-weight:500;width:24%;max-width:260px;overflow:hidden;text-overflow:ellipsis}
th:last-child,td:last-child{padding-right:0}.bar{width:34%;min-width:140px}.bar span{display:inline-block;height:10px;vertical-align:middle}
.bar{text-align:left}.trend{width:132px}.spark{width:120px;height:24px}.spark polyline{fill:none;stroke:var(--valid);stroke-width:1.5;stroke-linejoin:round}
.rest,footer{color:var(--soft);font-size:13px}footer{margin-top:24px}
@media(max-width:640px){main{padding:24px 16px}.flags li{grid-template-columns:1fr;gap:0}.trend{display:none}th:last-child{display:none}}
@media print{body{background:#fff}section{break-inside:avoid}}
";
