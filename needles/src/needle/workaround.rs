/// The mark of a needle that shows a known defect: its match is a soft failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workaround {
    /// Why: the property's value, else the ticket in the needle's name (`-bsc123-` becomes `bsc#123`).
    pub reason: Option<String>,
}

impl Workaround {
    /// The mark with the reason written at it, else the one in the needle's name.
    pub(crate) fn new(value: Option<String>, needle: &str) -> Self {
        Self {
            reason: value
                .filter(|value| !value.is_empty())
                .or_else(|| ticket_in(needle)),
        }
    }
}

/// The ticket that a needle's name carries between dashes, written as trackers do.
fn ticket_in(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('-').collect();
    // Text must stand on both sides of the ticket, as os-autoinst's pattern asks.
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
