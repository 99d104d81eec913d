//! `report.html` in a real browser: what people do with it, how it looks, and how quickly it opens.

mod made_up;

use std::path::Path;

use qa_tests::{Browser, Look};

use made_up::{AREA, BETWEEN_MS, CLICK, COLOURS, MadeUp, SCREEN};

const DESK: Look = Look {
    width: 1440,
    height: 900,
    dark: false,
};

/// Runs a test with a browser. At its end, nothing may have been asked of a network, and nothing may be wrong.
fn browse(test: impl AsyncFnOnce(&mut Browser)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut browser = Browser::start().await;
        test(&mut browser).await;
        assert_eq!(browser.complaints(), Vec::<String>::new());
        let outside = |address: &String| {
            !["file:", "about:", "data:"]
                .iter()
                .any(|own| address.starts_with(own))
        };
        let asked: Vec<_> = browser.requests().into_iter().filter(outside).collect();
        assert_eq!(asked, Vec::<String>::new(), "a report needs no network");
    });
}

/// A page of one scenario.
fn one(pictures: usize, steps: usize) -> (MadeUp, std::path::PathBuf) {
    let mut made = MadeUp::of(&["one".to_owned()]);
    made.failed("one", "nothing matched", pictures, steps);
    let page = made.page();
    (made, page)
}

/// Returns the colour in the lower left of the film's screen.
async fn colour(browser: &mut Browser) -> [u8; 3] {
    let png = browser.picture(".film .screen canvas").await;
    let picture = image::load_from_memory(&png).unwrap().into_rgb8();
    picture
        .get_pixel(picture.width() / 10, picture.height() * 9 / 10)
        .0
}

/// Waits until the film shows the picture of this number, from 1.
async fn shows(browser: &mut Browser, number: usize) {
    browser
        .until(&format!(
            "document.querySelector('.film .now').textContent.includes('picture {number} of')"
        ))
        .await;
    let wanted = COLOURS[(number - 1) % COLOURS.len()];
    for _ in 0..50 {
        if colour(browser).await == wanted {
            return;
        }
    }
    assert_eq!(colour(browser).await, wanted, "picture {number}");
}

#[test]
fn keys_pointer_and_links_move_through_the_film() {
    let (_made, page) = one(9, 3);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        // At first it shows its end.
        shows(browser, 9).await;
        browser
            .value("document.querySelector('.film .track').focus()")
            .await;
        for (key, number) in [
            ("Home", 1),
            ("ArrowRight", 2),
            ("ArrowRight", 3),
            ("ArrowLeft", 2),
            ("End", 9),
        ] {
            browser.press(key).await;
            shows(browser, number).await;
        }
        browser.hover(".film .track", 0.2).await;
        shows(browser, 2).await;
        let moment = 4 * BETWEEN_MS + 20;
        browser
            .open(&page, &format!("#s1a1film1@{moment}"), DESK)
            .await;
        shows(browser, 5).await;
        // The click is drawn where it went.
        browser.open(&page, "#s1a1film1@150", DESK).await;
        browser
            .until("!document.querySelector('.film .point').hidden")
            .await;
        let place = browser
            .value(
                "(() => { const at = document.querySelector('.film .point').getBoundingClientRect(), \
                screen = document.querySelector('.film .screen').getBoundingClientRect(); \
                return [(at.left + at.width / 2 - screen.left) / screen.width, \
                (at.top + at.height / 2 - screen.top) / screen.height]; })()",
            )
            .await;
        for axis in 0..2 {
            let wanted = f64::from(CLICK[axis]) / f64::from(SCREEN[axis]);
            let found = place[axis].as_f64().unwrap();
            assert!((wanted - found).abs() < 0.01, "{place}");
        }
    });
}

#[test]
fn the_film_shows_where_a_needle_was_searched_and_what_the_console_said() {
    let (_made, page) = one(3, 1);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        let score = "document.querySelector('.film .looked .is-missing')?.dataset.score";
        browser.until(&format!("{score} === '0.50 of 0.96'")).await;
        let place = browser
            .value(
                "(() => { const at = document.querySelector('.film .looked span').getBoundingClientRect(), \
                screen = document.querySelector('.film .screen').getBoundingClientRect(); \
                return [(at.left - screen.left) / screen.width, (at.top - screen.top) / screen.height, \
                at.width / screen.width, at.height / screen.height]; })()",
            )
            .await;
        for (side, wanted) in AREA.into_iter().enumerate() {
            let wanted = f64::from(wanted) / f64::from(SCREEN[side % 2]);
            let found = place[side].as_f64().unwrap();
            assert!((wanted - found).abs() < 0.01, "{place}");
        }
        // The last step began after the pictures and one step: while it waits, the needle is farther away.
        let waits = 3 * BETWEEN_MS + 30;
        browser
            .open(&page, &format!("#s1a1film1@{waits}"), DESK)
            .await;
        browser.until(&format!("{score} === '0.25 of 0.96'")).await;
        let serial = "document.querySelector('.film .serial').textContent";
        browser
            .until(&format!("{serial} === 'line 0\\nline 1\\nline 2'"))
            .await;
        // Before it, no needle was looked for, and the console had said less.
        browser
            .open(&page, &format!("#s1a1film1@{}", BETWEEN_MS + 5), DESK)
            .await;
        browser
            .until(&format!("{serial} === 'line 0\\nline 1'"))
            .await;
        assert_eq!(browser.value(score).await, serde_json::Value::Null);
    });
}

#[test]
fn the_slider_lays_the_needle_over_the_screen() {
    let (_made, page) = one(1, 1);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        let difference = browser.picture(".overlay svg").await;
        browser
            .value("document.querySelector('.overlay input').focus()")
            .await;
        browser.press("End").await;
        browser.until("document.querySelector('.overlay.is-slid figcaption').textContent.startsWith('left')").await;
        let needle = browser.picture(".overlay svg").await;
        assert_ne!(difference, needle);
        let needle = image::load_from_memory(&needle).unwrap().into_rgb8();
        let pixel = needle.get_pixel(needle.width() / 2, needle.height() / 2).0;
        assert_eq!(pixel, COLOURS[3], "the needle is on top of the screen");
    });
}

#[test]
fn a_rectangle_over_a_picture_becomes_the_call_that_crops_it() {
    let (_made, page) = one(1, 1);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        browser.click(".why .shot > a").await;
        browser
            .until("document.querySelector('.viewer').open")
            .await;
        browser
            .drag(".viewer .shot > a", (0.25, 0.5), (0.75, 0.9))
            .await;
        let shown = browser
            .value("document.querySelector('.viewer output').textContent")
            .await;
        let shown = shown.as_str().unwrap();
        let file = page.with_file_name("0.png");
        let call = format!("qa needle crop {} --area 80,100,160,80 ", file.display());
        assert!(shown.starts_with(&call), "{shown}");
    });
}

/// A page of many scenarios, which fail for three reasons.
fn many(count: usize, pictures: usize) -> (MadeUp, std::path::PathBuf) {
    let names: Vec<String> = (0..count).map(|number| format!("cell-{number}")).collect();
    let mut made = MadeUp::of(&names);
    for (number, name) in names.iter().enumerate() {
        made.failed(name, &format!("reason {}", number % 3), pictures, 6);
    }
    let page = made.page();
    (made, page)
}

#[test]
fn a_list_of_many_is_grouped_searched_and_filtered() {
    let (_made, page) = many(60, 1);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        let shown = "[...document.querySelectorAll('.list a')].filter((line) => line.checkVisibility()).length";
        assert_eq!(browser.value(shown).await, 0, "three groups, all closed");
        browser.press("/").await;
        browser.write("cell-7").await;
        browser.until(&format!("{shown} === 1")).await;
        browser
            .value("document.querySelector('.filter').reset()")
            .await;
        browser
            .value(
                "(() => { const image = document.querySelector('[name=image]'); image.value = 'image-1'; \
                image.dispatchEvent(new Event('input', { bubbles: true })); })()",
            )
            .await;
        browser.until(&format!("{shown} === 20")).await;
    });
}

#[test]
fn what_is_closed_is_made_when_it_is_opened_or_linked_to() {
    let (_made, page) = many(60, 1);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        let made = |number: usize| format!("!!document.querySelector('#scenario-{number} .steps')");
        assert_eq!(browser.value(&made(60)).await, false);
        browser.click("#scenario-60 > summary").await;
        browser.until(&made(60)).await;
        browser.hover("#scenario-60 .film", 0.5).await;
        browser
            .until("!!document.querySelector('#scenario-60 .film .now')")
            .await;
        browser.open(&page, "#s55a1t1n2", DESK).await;
        browser
            .until("document.querySelector('#s55a1t1n2')?.checkVisibility()")
            .await;
        assert_eq!(browser.value(&made(54)).await, false);
        assert_eq!(
            browser
                .value("document.querySelectorAll('noscript').length")
                .await,
            39
        );
    });
}

#[test]
fn rows_of_a_long_scenario_are_made_on_the_way_to_them() {
    let (_made, page) = one(1, 3000);
    browse(async |browser| {
        browser.open(&page, "", DESK).await;
        let rows = "document.querySelectorAll('.steps > li').length";
        let at_first = browser.value(rows).await.as_u64().unwrap();
        assert!((200..2000).contains(&at_first), "{at_first}");
        browser.open(&page, "#s1a1t1n2900", DESK).await;
        browser
            .until("document.querySelector('#s1a1t1n2900')?.checkVisibility()")
            .await;
        // A page that is printed has all of them.
        browser
            .value("dispatchEvent(new Event('beforeprint'))")
            .await;
        assert_eq!(browser.value(rows).await, 3001);
    });
}

#[test]
fn a_page_fits_into_a_window_and_a_telephone_by_day_and_by_night() {
    let (_made, page) = many(12, 2);
    browse(async |browser| {
        for width in [1440, 390] {
            for dark in [false, true] {
                let look = Look {
                    width,
                    dark,
                    ..DESK
                };
                browser.open(&page, "", look).await;
                let hidden = browser
                    .value("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
                    .await;
                assert_eq!(hidden, 0, "no sideways scrolling at {width}");
                let paper = browser
                    .value("getComputedStyle(document.body).backgroundColor")
                    .await;
                let light = paper.as_str().unwrap().starts_with("rgb(24");
                assert_eq!(light, !dark, "{paper}");
            }
        }
    });
}

/// Returns how long a page takes to be painted, in milliseconds: the best of five times.
async fn opening_ms(browser: &mut Browser, page: &Path) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        browser.open(page, "", DESK).await;
        best = best.min(browser.value("performance.now()").await.as_f64().unwrap());
    }
    best
}

#[test]
fn two_thousand_pictures_and_a_thousand_cells_open_within_a_second() {
    let (_film, film) = one(2000, 200);
    let (_cells, cells) = many(1000, 20);
    let (_steps, steps) = one(1, 20_000);
    browse(async |browser| {
        for (what, page, limit) in [
            ("2000 pictures", film, 1000.0),
            ("1000 cells", cells, 1000.0),
            // Nobody writes so many, but a loop may.
            ("20000 steps", steps, 3000.0),
        ] {
            let took = opening_ms(browser, &page).await;
            let size = std::fs::metadata(&page).unwrap().len();
            println!(
                "{what}: painted after {took:.0} ms, {} KiB of HTML",
                size / 1024
            );
            assert!(took < limit, "{what}: {took:.0} ms");
        }
    });
}
