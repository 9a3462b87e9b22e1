//! Hours in which stacks may change.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// `Mon-Fri 08:00-18:00 Europe/Paris`: days, hours, time zone. Hours that end before they begin reach into the next day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Window {
    /// First and last day, both included; `Sat-Mon` goes over the end of the week.
    pub days: (Weekday, Weekday),
    pub from: Time,
    /// Excluded. `24:00` is written `00:00`.
    pub to: Time,
    /// Name of the IANA database.
    pub zone: String,
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [days, hours, zone] = parts.as_slice() else {
            return Err("write DAYS HOURS ZONE, such as Mon-Fri 08:00-18:00 Europe/Paris".to_owned());
        };
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = hours.split_once('-').ok_or_else(|| format!("`{hours}` has no end: write 08:00-18:00"))?;
        is_zone(zone)
            .then_some(())
            .ok_or_else(|| format!("there is no time zone `{zone}`: write UTC or Europe/Paris"))?;
        Ok(Self { days: (day(first)?, day(last)?), from: time(from)?, to: time(to)?, zone: (*zone).to_owned() })
    }
}

impl Window {
    /// Whether it is open. An error where this machine knows nothing of the zone: then nobody can tell.
    pub fn is_open(&self, at: Timestamp) -> Result<bool, String> {
        let now = at.to_zoned(self.zone()?);
        let time = now.time();
        if self.from < self.to {
            return Ok(self.has(now.weekday()) && self.from <= time && time < self.to);
        }
        Ok(self.has(now.weekday()) && self.from <= time || self.has(now.weekday().previous()) && time < self.to)
    }

    /// When it opens next, after `at`.
    pub fn opens(&self, at: Timestamp) -> Result<Option<Timestamp>, String> {
        let zone = self.zone()?;
        let now = at.to_zoned(zone.clone());
        let days = (0..=8).filter_map(|day| now.date().checked_add(day.days()).ok());
        let starts = days.filter(|date| self.has(date.weekday())).filter_map(|date| {
            // Where clocks are put forward over it, the first moment after.
            Some(date.to_datetime(self.from).to_zoned(zone.clone()).ok()?.timestamp())
        });
        Ok(starts.into_iter().find(|start| *start > at))
    }

    fn zone(&self) -> Result<TimeZone, String> {
        TimeZone::get(&self.zone).map_err(|_| format!("this machine knows no time zone `{}`", self.zone))
    }

    fn has(&self, day: Weekday) -> bool {
        let (first, last) = (self.days.0.to_monday_zero_offset(), self.days.1.to_monday_zero_offset());
        let day = day.to_monday_zero_offset();
        if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last }
    }
}

fn day(text: &str) -> Result<Weekday, String> {
    Ok(match text {
        "Mon" => Weekday::Monday,
        "Tue" => Weekday::Tuesday,
        "Wed" => Weekday::Wednesday,
        "Thu" => Weekday::Thursday,
        "Fri" => Weekday::Friday,
        "Sat" => Weekday::Saturday,
        "Sun" => Weekday::Sunday,
        _ => return Err(format!("`{text}` is no day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun")),
    })
}

fn time(text: &str) -> Result<Time, String> {
    let number = |part: &str| (part.len() == 2).then(|| part.parse::<i8>().ok()).flatten();
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)));
    let time = parts.and_then(|(hour, minute)| match (hour, minute) {
        (24, 0) => Some(Time::midnight()),
        _ => Time::new(hour, minute, 0, 0).ok(),
    });
    time.ok_or_else(|| format!("`{text}` is no time: write 08:00"))
}

/// Known, or of the form of a name where this machine has no list of zones.
fn is_zone(name: &str) -> bool {
    let has_list = TimeZone::get("Europe/London").is_ok();
    let shaped = name == "UTC" || name.contains('/');
    TimeZone::get(name).is_ok() || (!has_list && shaped)
}

impl JsonSchema for Window {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let day = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
        let time = "[0-2][0-9]:[0-5][0-9]";
        json_schema!({"type": "string", "pattern": format!("^{day}(-{day})? {time}-{time} [A-Za-z0-9_+/-]+$"),
                      "x-stackup": "window",
                      "description": "Days, hours and time zone, such as `Mon-Fri 08:00-18:00 Europe/Paris`."})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_hours() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = |text: &str| Window::try_from(text.to_owned()).unwrap();
        // 2026-11-20 is a Friday; Paris is an hour before UTC then.
        for (text, time, open) in [
            ("Mon-Fri 08:00-18:00 Europe/Paris", "2026-11-20T07:00:00Z", true),
            ("Mon-Fri 08:00-18:00 Europe/Paris", "2026-11-20T06:59:59Z", false),
            ("Mon-Fri 08:00-18:00 Europe/Paris", "2026-11-20T17:00:00Z", false),
            ("Mon-Fri 08:00-18:00 Europe/Paris", "2026-11-21T12:00:00Z", false),
            ("Fri 22:00-02:00 UTC", "2026-11-20T23:00:00Z", true),
            ("Fri 22:00-02:00 UTC", "2026-11-21T01:59:00Z", true),
            ("Fri 22:00-02:00 UTC", "2026-11-20T01:59:00Z", false),
            ("Sat-Mon 00:00-24:00 UTC", "2026-11-22T00:00:00Z", true),
            ("Sat-Mon 00:00-24:00 UTC", "2026-11-24T00:00:00Z", false),
        ] {
            assert_eq!(window(text).is_open(at(time)), Ok(open), "{text} {time}");
        }
        let next = |text: &str, time: &str| window(text).opens(at(time)).unwrap().unwrap();
        assert_eq!(next("Mon-Fri 08:00-18:00 Europe/Paris", "2026-11-20T12:00:00Z"), at("2026-11-23T07:00:00Z"));
        assert_eq!(next("Mon-Fri 08:00-18:00 Europe/Paris", "2026-11-20T05:00:00Z"), at("2026-11-20T07:00:00Z"));
        assert_eq!(next("Fri 12:00-13:00 UTC", "2026-11-20T12:30:00Z"), at("2026-11-27T12:00:00Z"));
        // Clocks go from 02:00 to 03:00 on that Sunday.
        assert_eq!(next("Sun 02:30-04:00 Europe/Paris", "2026-03-29T00:00:00Z"), at("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn windows() {
        let window = Window::try_from("Mon-Fri 08:00-18:30 UTC".to_owned()).unwrap();
        assert_eq!(window.days, (Weekday::Monday, Weekday::Friday));
        assert_eq!((window.from.hour(), window.to.minute(), window.zone.as_str()), (8, 30, "UTC"));
        let night = Window::try_from("Sat 22:00-24:00 UTC".to_owned()).unwrap();
        assert_eq!((night.days.1, night.to), (Weekday::Saturday, Time::midnight()));
        for bad in [
            "",
            "Mon-Fri",
            "Mon-Fri 8:00-18:00 UTC",
            "Mon-Fry 08:00-18:00 UTC",
            "Mon 08:00 UTC",
            "Mon 08:00-25:00 UTC",
            "Mon 08:00-18:00 Nowhere",
        ] {
            assert!(Window::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
