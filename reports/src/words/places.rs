//! Words for places on the screen.

/// Returns how far a place is from another one: `14 px right and 5 px down`. None if it is the same place.
pub fn pixels_away(right: i64, down: i64) -> Option<String> {
    let part = |by: i64, positive: &str, negative: &str| match by {
        0 => None,
        1.. => Some(format!("{by} px {positive}")),
        _ => Some(format!("{} px {negative}", by.unsigned_abs())),
    };
    let parts: Vec<_> = [part(right, "right", "left"), part(down, "down", "up")]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}
