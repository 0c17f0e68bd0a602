//! Series into SVG: columns of a day each, and bars of a name each. No script, no other file.

use super::count::{Count, Series};

/// Columns of a day each, valid below, then other, then invalid.
pub fn days(count: &Count, flagged: &[&str]) -> String {
    let (width, height, left, bottom) = (960.0, 260.0, 44.0, 28.0);
    let most = count
        .by_day
        .iter()
        .map(Series::events)
        .max()
        .unwrap_or(0)
        .max(1);
    let (top, ticks) = scale(most);
    let room = height - bottom - 12.0;
    let y = |n: f64| height - bottom - n / top * room;
    let pitch = (width - left) / count.days.len().max(1) as f64;
    let bar = (pitch * 0.72).clamp(1.0, 36.0);
    let mut svg =
        format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Events a day\">");
    for tick in ticks {
        svg.push_str(&format!(
            "<line class=\"grid\" x1=\"{left}\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"tick\" x=\"{x}\" y=\"{label:.1}\" text-anchor=\"end\">{tick}</text>",
            y = y(tick), x = left - 8.0, label = y(tick) + 4.0,
        ));
    }
    let every = (count.days.len() as f64 * 64.0 / (width - left))
        .ceil()
        .max(1.0) as usize;
    for (at, day) in count.days.iter().enumerate() {
        let x = left + pitch * (at as f64 + 0.5) - bar / 2.0;
        let series = count.by_day.iter().find(|one| one.name == *day);
        let (valid, other, invalid) =
            series.map_or((0, 0, 0), |one| (one.valid, one.other, one.invalid));
        svg.push_str(&format!(
            "<g><title>{day}: {valid} valid, {other} without verdict, {invalid} invalid</title>"
        ));
        let mut base = 0.0;
        for (class, n) in [("valid", valid), ("other", other), ("invalid", invalid)] {
            if n > 0 {
                let (from, to) = (y(base), y(base + n as f64));
                svg.push_str(&format!("<rect class=\"{class}\" x=\"{x:.1}\" y=\"{to:.1}\" width=\"{bar:.1}\" height=\"{:.1}\"/>", from - to));
                base += n as f64;
            }
        }
        // The whole column answers to the pointer.
        svg.push_str(&format!(
            "<rect class=\"hit\" x=\"{:.1}\" y=\"0\" width=\"{pitch:.1}\" height=\"{}\"/></g>",
            left + pitch * at as f64,
            height - bottom
        ));
        if flagged.contains(&day.as_str()) {
            svg.push_str(&format!(
                "<path class=\"flag\" d=\"M{:.1} {:.1} l-5 -8 h10 z\"/>",
                x + bar / 2.0,
                y(base) - 3.0
            ));
        }
        if at % every == 0 {
            svg.push_str(&format!(
                "<text class=\"tick\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                x + bar / 2.0,
                height - 8.0,
                day.get(5..).unwrap_or(day)
            ));
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A small line of a series' days.
pub fn spark(series: &Series) -> String {
    let (width, height) = (120.0, 24.0);
    let most = series.days.iter().copied().max().unwrap_or(0).max(1) as f64;
    let pitch = width / series.days.len().max(2).saturating_sub(1) as f64;
    let points: Vec<String> = series
        .days
        .iter()
        .enumerate()
        .map(|(at, n)| {
            format!(
                "{:.1},{:.1}",
                pitch * at as f64,
                height - 2.0 - *n as f64 / most * (height - 4.0)
            )
        })
        .collect();
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\"><polyline points=\"{}\"/></svg>",
        points.join(" ")
    )
}

/// The end of an axis, and its ticks: round numbers, whole ones.
fn scale(most: usize) -> (f64, Vec<f64>) {
    let raw = most as f64 / 4.0;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|n| n * power)
        .find(|step| *step >= raw)
        .unwrap_or(1.0);
    let step = step.max(1.0);
    let count = (most as f64 / step).ceil();
    (
        count * step,
        (0..=count as usize).map(|n| n as f64 * step).collect(),
    )
}
