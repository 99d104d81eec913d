//! Needle files with every oddity that real ones have.

use proptest::prelude::*;

use crate::needle::area::{Area, AreaKind, Channels};
use crate::needle::click_point::{ClickPlace, ClickPoint};
use crate::needle::margin::Margin;
use crate::needle::match_level::MatchLevel;
use crate::needle::needle::{Needle, Properties};
use crate::needle::needle_error::NeedleError;
use crate::needle::text_pattern::TextPattern;
use crate::needle::workaround::Workaround;
use crate::rect::Rect;

fn needle(json: &str) -> Result<Needle, NeedleError> {
    Needle::from_json("n", json.as_bytes())
}

fn area(fields: &str) -> Area {
    let json = format!(r#"{{"area":[{{{fields}}},{{"width":1,"height":1}}]}}"#);
    needle(&json).unwrap().areas()[0].clone()
}

#[test]
fn values_that_real_needles_carry_are_read() {
    let plain = Area::matching(Rect::new(0, 0, 0, 0));
    let with = |change: &dyn Fn(&mut Area)| {
        let mut area = plain.clone();
        change(&mut area);
        area
    };
    let at = |x, y, id: Option<&str>| {
        with(&|area| {
            let id = id.map(str::to_owned);
            area.click_point = Some(ClickPoint {
                id,
                place: ClickPlace::At { x, y },
            });
        })
    };
    let level = |percent| with(&|area| area.level = MatchLevel::from_percent(percent));
    let margin = |margin| with(&|area| area.margin = margin);
    let kind = |kind: AreaKind| with(&|area| area.kind = kind.clone());
    for (fields, expected) in [
        ("", plain.clone()),
        (
            r#""xpos":1.9,"ypos":"2","width":256.2857,"height":"4.5""#,
            with(&|area| area.rect = Rect::new(1, 2, 256, 4)),
        ),
        (
            r#""xpos":-1.9,"ypos":1e300,"width":-4,"height":1e300"#,
            with(&|area| area.rect = Rect::new(-1, i32::MAX, 0, u32::MAX)),
        ),
        (
            r#""xpos":null,"ypos":"","width":"0","height":false"#,
            plain.clone(),
        ),
        (r#""match":"90""#, level(90.0)),
        (r#""match":" 94.5 ""#, level(94.5)),
        (r#""match":100"#, level(100.0)),
        (r#""match":1"#, level(1.0)),
        (r#""match":0"#, plain.clone()),
        (r#""match":"0""#, plain.clone()),
        (
            r#""match":null,"margin":"","type":"","click_point":null"#,
            plain.clone(),
        ),
        (r#""margin":0"#, plain.clone()),
        (r#""margin":"300""#, margin(Margin::Pixels(300))),
        (r#""margin":1000000"#, margin(Margin::Pixels(1_000_000))),
        (r#""type":"match""#, plain.clone()),
        (r#""type":"exclude","match":5"#, {
            let mut area = kind(AreaKind::Exclude);
            area.level = MatchLevel::from_percent(5.0);
            area
        }),
        (r#""type":"ocr","refstr":"x""#, kind(AreaKind::Ocr)),
        (
            r#""type":"nomatch""#,
            kind(AreaKind::Unknown("nomatch".to_owned())),
        ),
        (
            r#""click_point":{"xpos":10.25,"ypos":"3"}"#,
            at(10.25, 3.0, None),
        ),
        (
            r#""click_point":{"xpos":0,"ypos":-3,"id":"ok"}"#,
            at(0.0, -3.0, Some("ok")),
        ),
        (
            r#""click_point":"center""#,
            with(&|area| {
                area.click_point = Some(ClickPoint {
                    id: None,
                    place: ClickPlace::Center,
                })
            }),
        ),
        (
            r#""":"a comment","processing_flags":7,"max_offset":{},"new":[[]]"#,
            plain.clone(),
        ),
        (r#""match":90,"qa":{"match":0}"#, level(0.0)),
        (r#""qa":{"match":"97.5"}"#, level(97.5)),
        (r#""qa":{"margin":0}"#, margin(Margin::Fixed)),
        (r#""qa":{"margin":7}"#, margin(Margin::Pixels(7))),
        (r#""qa":{"margin":"screen"}"#, margin(Margin::Screen)),
        (
            r#""qa":{"colour":true,"anchor":false}"#,
            with(&|area| area.channels = Channels::Colour),
        ),
        (
            r#""qa":{"text":"Log in"}"#,
            with(&|area| area.text = Some(TextPattern::Words("Log in".to_owned()))),
        ),
        (r#""qa":{"text":{"regex":"4[0-9]"}}"#, {
            let expression = regex::Regex::new("4[0-9]").unwrap();
            with(&|area| area.text = Some(TextPattern::Expression(expression.clone())))
        }),
    ] {
        assert_eq!(area(fields), expected, "{fields}");
    }
}

#[test]
fn a_reference_text_decides_only_where_no_area_is_matched() {
    let read = |areas: &str| needle(&format!(r#"{{"area":[{areas}],"tags":["a"]}}"#));
    let ocr = r#"{"type":"ocr","width":5,"height":4,"refstr":"Log in"}"#;
    let words = Some(TextPattern::Words("Log in".to_owned()));
    let only = read(ocr).unwrap();
    assert!(only.is_only_read());
    assert_eq!(only.areas()[0].text, words);
    // What is written for us comes first.
    let own = read(r#"{"type":"ocr","refstr":"Log in","qa":{"text":"Log out"}}"#).unwrap();
    let out = Some(TextPattern::Words("Log out".to_owned()));
    assert_eq!(own.areas()[0].text, out);
    // openQA ignores it here.
    let matched = read(&format!(r#"{{"width":9,"height":9}},{ocr}"#)).unwrap();
    assert!(!matched.is_only_read());
    assert_eq!(matched.areas()[1].text, None);
    for nothing in [
        r#"{"type":"ocr","refstr":"  "}"#,
        r#"{"type":"ocr","refstr":7}"#,
    ] {
        let error = NeedleError::NoMatchArea {
            name: "n".to_owned(),
        };
        assert_eq!(read(nothing), Err(error), "{nothing}");
    }
}

#[test]
fn tags_and_properties_are_read_in_all_their_forms() {
    let read = |fields: &str| needle(&format!(r#"{{"area":[{{}}],{fields}}}"#)).unwrap();
    assert_eq!(
        read(r#""tags":["a"," b c","a",5]"#).tags(),
        ["a", " b c", "a", "5"]
    );
    assert_eq!(read(r#""tags":null"#).tags(), [""; 0]);
    let marked = |reason: Option<&str>| {
        Some(Workaround {
            reason: reason.map(str::to_owned),
        })
    };
    for (properties, workaround) in [
        (r#"["workaround"]"#, marked(None)),
        (r#"[{"name":"workaround"}]"#, marked(None)),
        (r#"[{"name":"workaround","value":null}]"#, marked(None)),
        (
            r#"["\t\t", {"name":"workaround","value":"slow"}]"#,
            marked(Some("slow")),
        ),
        (r#"[{"name":"other","value":"x"}]"#, None),
        (r#"[{"workaround":1}, null]"#, None),
        ("[]", None),
        ("null", None),
        (r#""""#, None),
    ] {
        let needle = read(&format!(r#""properties":{properties}"#));
        assert_eq!(needle.workaround(), workaround.as_ref(), "{properties}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let deep = format!(r#"{{"area":{}"#, "[".repeat(100_000));
    let many = format!(r#"{{"area":[{{}}{}]}}"#, ",{}".repeat(1000));
    for (json, error) in [
        (
            "",
            "needle `n`: EOF while parsing a value at line 1 column 0",
        ),
        ("[]", "needle `n`: the file: expected an object, found []"),
        (
            "{}",
            "needle `n` has no area of type `match`, so there is nothing to find",
        ),
        (
            r#"{"area":[]}"#,
            "needle `n` has no area of type `match`, so there is nothing to find",
        ),
        (
            r#"{"area":[{"type":"ocr"}]}"#,
            "needle `n` has no area of type `match`, so there is nothing to find",
        ),
        (
            r#"{"area":[{"type":"nomatch"}]}"#,
            "needle `n` has no area of type `match`, so there is nothing to find",
        ),
        (
            r#"{"area":{}}"#,
            "needle `n`: area: expected a list of objects, found {}",
        ),
        (
            r#"{"area":[7]}"#,
            "needle `n`: area[0]: expected an object, found 7",
        ),
        (
            r#"{"area":[{},{"xpos":"a"}]}"#,
            r#"needle `n`: area[1].xpos: expected a number, found "a""#,
        ),
        (
            r#"{"area":[{"xpos":"NaN"}]}"#,
            r#"needle `n`: area[0].xpos: expected a number, found "NaN""#,
        ),
        (
            r#"{"area":[{"match":"inf"}]}"#,
            r#"needle `n`: area[0].match: expected a number, found "inf""#,
        ),
        (
            r#"{"area":[{"xpos":NaN}]}"#,
            "needle `n`: expected value at line 1 column 18",
        ),
        (
            r#"{"area":[{"xpos":1e999}]}"#,
            "needle `n`: number out of range at line 1 column 22",
        ),
        (
            r#"{"area":[{"margin":[1]}]}"#,
            "needle `n`: area[0].margin: expected a number, found [1]",
        ),
        (
            r#"{"area":[{"margin":true}]}"#,
            "needle `n`: area[0].margin: expected a number, found true",
        ),
        (
            r#"{"area":[{"type":7}]}"#,
            "needle `n`: area[0].type: expected `match`, `exclude` or `ocr`, found 7",
        ),
        (
            r#"{"area":[{"click_point":"left"}]}"#,
            r#"needle `n`: area[0].click_point: expected `center` or an object with xpos and ypos, found "left""#,
        ),
        (
            r#"{"area":[{"click_point":{"xpos":4}}]}"#,
            "needle `n`: area[0].click_point.ypos: expected a number, found null",
        ),
        (
            r#"{"area":[{"click_point":"center"},{"click_point":{"xpos":1,"ypos":1,"id":"a"}}]}"#,
            "needle `n` has several click points, but not all of them have an `id`",
        ),
        (
            r#"{"area":[{}],"tags":"a"}"#,
            r#"needle `n`: tags: expected a list of strings, found "a""#,
        ),
        (
            r#"{"area":[{}],"tags":[["a"]]}"#,
            r#"needle `n`: tags[0]: expected a string, found ["a"]"#,
        ),
        (
            r#"{"area":[{}],"properties":{"a":1}}"#,
            r#"needle `n`: properties: expected a list, found {"a":1}"#,
        ),
        (
            r#"{"area":[{}],"properties":[7]}"#,
            "needle `n`: properties[0]: expected a string or an object with a name, found 7",
        ),
        (
            r#"{"area":[{"qa":7}]}"#,
            "needle `n`: area[0].qa: expected an object, found 7",
        ),
        (
            r#"{"area":[{"qa":{"color":true}}]}"#,
            r#"needle `n`: area[0].qa: expected one of colour, anchor, match, margin, text, found "color""#,
        ),
        (
            r#"{"area":[{"qa":{"match":101}}]}"#,
            "needle `n`: area[0].qa.match: expected a number from 0 to 100, found 101",
        ),
        (
            r#"{"area":[{"qa":{"margin":-1}}]}"#,
            "needle `n`: area[0].qa.margin: expected 0, a number of pixels or `screen`, found -1",
        ),
        (
            r#"{"area":[{"qa":{"colour":1}}]}"#,
            "needle `n`: area[0].qa.colour: expected true or false, found 1",
        ),
        (
            r#"{"area":[{"qa":{"text":" "}}]}"#,
            r#"needle `n`: area[0].qa.text: expected words, or an object with the one key `regex`, found " ""#,
        ),
        (
            r#"{"area":[{"qa":{"anchor":true}}]}"#,
            "needle `n`: the first match area can't be anchored, since the others are placed by it",
        ),
        (
            &deep,
            "needle `n`: recursion limit exceeded at line 1 column 135",
        ),
        (&many, "needle `n` has 1001 areas, more than 1000"),
    ] {
        assert_eq!(needle(json).unwrap_err().to_string(), error, "{json:.80}");
    }
    let long = vec![b' '; NeedleError::MAX_BYTES + 1];
    let error = Needle::from_json("n", &long).unwrap_err().to_string();
    assert_eq!(
        error,
        "needle `n`: the file has 1048577 bytes, more than 1048576"
    );
    let expression = needle(r#"{"area":[{"qa":{"text":{"regex":"("}}}]}"#)
        .unwrap_err()
        .to_string();
    assert!(
        expression.starts_with("needle `n`: area[0].qa.text: regex parse error"),
        "{expression}"
    );
    let bomb = needle(r#"{"area":[{"qa":{"text":{"regex":"(((a{1000}){1000}){1000})"}}}]}"#);
    assert!(
        matches!(bomb, Err(NeedleError::Expression { .. })),
        "{bomb:?}"
    );
    let shown = needle(&format!(r#"{{"area":"{}"}}"#, "ä".repeat(500)))
        .unwrap_err()
        .to_string();
    assert!(shown.len() < 250, "{shown}");
}

#[test]
fn a_rewrite_keeps_what_was_read_and_a_new_needle_is_read_again() {
    let source = "{\"area\":[{\"width\":4,\"x-new\":1}], \"later\": [1,2]}";
    assert_eq!(needle(source).unwrap().to_json(), source);
    let json = r#"{"tags":["a"],"properties":[{"name":"workaround","value":"w"},"part-of:whole"],"area":[
        {"xpos":1,"ypos":2,"width":3,"height":4,"match":97.5,"margin":300,"click_point":{"xpos":1.5,"ypos":2,"id":"i"}},
        {"width":3,"height":4,"qa":{"match":0,"margin":0,"colour":true,"anchor":true,"text":{"regex":"a+"}}},
        {"width":3,"height":4,"qa":{"margin":"screen","text":"b"}},
        {"width":1,"height":1,"type":"exclude"},{"width":1,"height":1,"type":"ocr"},{"type":"odd"}]}"#;
    let read = needle(json).unwrap();
    let properties = Properties {
        workaround: read.workaround().cloned(),
        part_of: read.part_of().to_vec(),
    };
    let tags = read.tags().to_vec();
    let made =
        Needle::checked("n", tags, read.areas().to_vec(), properties, Box::default()).unwrap();
    let again = needle(&made.to_json()).unwrap();
    assert_eq!(again.areas(), read.areas());
    assert_eq!(
        (again.tags(), again.workaround()),
        (read.tags(), read.workaround())
    );
    assert_eq!(again.part_of(), ["whole"]);
    let other = needle(
        r#"{"area":[{}],"properties":["x:y",{"name":"part-of","value":"a b"},"part-of","workaround:x"]}"#,
    );
    let other = other.unwrap();
    assert_eq!(
        (other.part_of(), other.workaround()),
        (&["a b".to_owned()][..], None)
    );
    assert_eq!(needle(&other.to_json()).unwrap().tags(), other.tags());
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert!(needle("\u{feff}{\"area\":[{}]}").is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_read_or_refused(json in any_json()) {
        let areas = format!(r#"[{{"width":1,"height":1,"click_point":{json}}},{json}]"#);
        let whole = format!(r#"{{"area":{areas},"tags":{json},"properties":{json}}}"#);
        let _ = needle(&whole);
        let _ = needle(&json);
        for key in ["xpos", "width", "match", "margin", "type", "qa"] {
            let _ = needle(&format!(r#"{{"area":[{{"{key}":{json}}}]}}"#));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = Needle::from_json("n", &bytes);
    }
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<f64>()
            .prop_filter("JSON has no infinities", |value| value.is_finite())
            .prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "\"[a-z0-9. -]{0,6}\"",
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let keys = prop_oneof![
            Just("name"),
            Just("xpos"),
            Just("ypos"),
            Just("id"),
            Just("margin"),
            Just("text")
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec((keys, inner), 0..4).prop_map(|fields| {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}
