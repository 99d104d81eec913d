//! The mark of a known defect.

/// The mark of a needle that shows a known defect. Its match is a soft failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workaround {
    /// The value of the property, else the ticket in the needle's name (`-bsc123-` becomes `bsc#123`).
    pub reason: Option<String>,
}

impl Workaround {
    /// Makes a mark with the reason in the property, else with the ticket in the needle's name.
    pub(crate) fn new(value: Option<String>, needle: &str) -> Self {
        Self {
            reason: value
                .filter(|value| !value.is_empty())
                .or_else(|| ticket_in(needle)),
        }
    }
}

/// Returns the ticket that a needle's name contains between dashes, in the spelling of trackers.
fn ticket_in(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('-').collect();
    // os-autoinst's pattern requires text on both sides of the ticket.
    let inner = parts.get(1..parts.len().checked_sub(1)?)?;
    inner.iter().find_map(|part| {
        ["bsc", "poo", "bnc", "boo"].iter().find_map(|tracker| {
            let number = part.strip_prefix(tracker)?;
            (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| format!("{tracker}#{number}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_come_from_the_value_else_from_the_name() {
        for (value, name, reason) in [
            (Some("slow disk"), "login-bsc1-a", Some("slow disk")),
            (
                None,
                "check-workaround-bsc1234567-20190522",
                Some("bsc#1234567"),
            ),
            (Some(""), "a-poo7-b", Some("poo#7")),
            (None, "a-bnc12x-b", None),
            (None, "bsc12-b", None),
            (None, "a-bsc12", None),
            (None, "a-bsc-b", None),
            (None, "", None),
        ] {
            let workaround = Workaround::new(value.map(str::to_owned), name);
            assert_eq!(workaround.reason.as_deref(), reason, "{name}");
        }
    }
}
