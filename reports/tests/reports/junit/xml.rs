//! Reads XML back, strictly.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element with its attributes and all text directly inside of it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) parent: Option<String>,
}

fn element(tag: &BytesStart<'_>) -> Element {
    let attributes = tag.attributes().map(|attribute| {
        let attribute = attribute.expect("a well-formed attribute");
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).expect("UTF-8");
        let raw = std::str::from_utf8(&attribute.value).expect("UTF-8");
        let value = quick_xml::escape::unescape(raw).expect("known entities");
        (key, value.into_owned())
    });
    Element {
        name: String::from_utf8(tag.name().as_ref().to_vec()).expect("UTF-8"),
        attributes: attributes.collect(),
        text: String::new(),
        parent: None,
    }
}

/// Every element in document order. Panics where the file is not well-formed XML 1.0.
pub(crate) fn parse(xml: &str) -> Vec<Element> {
    for c in xml.chars() {
        let allowed = matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(allowed, "XML 1.0 has no {c:?}");
    }
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<usize> = Vec::new();
    let mut elements: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(tag) => {
                let parent = open.last().map(|at| elements[*at].name.clone());
                open.push(elements.len());
                elements.push(Element {
                    parent,
                    ..element(&tag)
                });
            }
            Event::Empty(tag) => {
                let parent = open.last().map(|at| elements[*at].name.clone());
                elements.push(Element {
                    parent,
                    ..element(&tag)
                });
            }
            Event::End(_) => drop(open.pop()),
            Event::CData(data) => {
                let at = *open.last().expect("inside an element");
                elements[at]
                    .text
                    .push_str(std::str::from_utf8(&data).expect("UTF-8"));
            }
            Event::Text(text) => {
                assert!(
                    text.iter().all(u8::is_ascii_whitespace),
                    "stray text {text:?}"
                );
            }
            Event::Eof => break,
            Event::Decl(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert!(open.is_empty(), "every element ends");
    elements
}

pub(crate) fn named<'e>(elements: &'e [Element], name: &str) -> Vec<&'e Element> {
    elements
        .iter()
        .filter(|element| element.name == name)
        .collect()
}
