//! Reads text on the screen with tesseract: one process for each area.
//!
//! Text is read only if all match areas of a needle were found, so a waiting loop seldom reads. The text of an area
//! that has not changed is kept.

use std::collections::VecDeque;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use image::imageops::{self, FilterType};
use needles::{Outcome, Picture, Ranking, TextMatch, TextReading};
use reports::{TextFound, TextResult};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// The longest time to read an area. A line of text takes a second, a whole screen on a busy host half a minute.
const LIMIT: Duration = Duration::from_secs(60);

/// The most output of tesseract. A screen has some thousand characters.
const MOST_BYTES: u64 = 256 << 10;

/// The number of texts that are kept. A scenario waits for a few at a time.
const MOST_KNOWN: usize = 64;

/// The factor by which an area is enlarged. Tesseract needs letters about 30 pixels high; on screens they are about 10.
const ENLARGED: u32 = 3;

/// Larger pictures are not enlarged, because reading them would take minutes.
const MOST_PIXELS: u32 = 4_000_000;

/// Reads text with tesseract, if it is installed.
#[derive(Debug)]
pub(crate) struct TextReader {
    program: Option<PathBuf>,
    limit: Duration,
    known: Mutex<VecDeque<(Picture, String)>>,
}

/// Tesseract is installed, but did not read a text. The host is to blame, not the system under test.
#[derive(Debug, Error)]
pub(crate) enum TextError {
    /// It cannot be started, or its input and output fail.
    #[error("`{program}` cannot be used: {error}")]
    Unusable {
        /// The program.
        program: String,
        /// The error of the system.
        error: std::io::Error,
    },
    /// It ended with a failure.
    #[error("`{program}` failed ({status}): {said}")]
    Failed {
        /// The program.
        program: String,
        /// Its exit status.
        status: std::process::ExitStatus,
        /// The end of its stderr.
        said: String,
    },
    /// It did not end.
    #[error("`{program}` did not read an area of {width}x{height} pixels within {seconds} s")]
    TimedOut {
        /// The program.
        program: String,
        /// Of the area.
        width: u32,
        /// Of the area.
        height: u32,
        /// The limit.
        seconds: u64,
    },
    /// Its output is too long.
    #[error("`{program}` said more than {MOST_BYTES} bytes")]
    TooMuch {
        /// The program.
        program: String,
    },
    /// The area is not on the screen.
    #[error("an area cannot be cut out: {0}")]
    Area(#[from] needles::PictureError),
}

impl TextReader {
    /// Makes a reader with the tesseract in PATH, if there is one.
    pub(crate) fn find() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs = std::env::split_paths(&path).map(|folder| folder.join("tesseract"));
        let limit = vm::helper_limit(LIMIT);
        Self::with(programs.into_iter().find(|file| is_program(file)), limit)
    }

    fn with(program: Option<PathBuf>, limit: Duration) -> Self {
        Self {
            program,
            limit,
            known: Mutex::default(),
        }
    }

    /// Returns true if tesseract is installed.
    pub(crate) fn is_there(&self) -> bool {
        self.program.is_some()
    }

    /// Reads the texts of a needle on the screen, and decides by them if the needle is there. Without tesseract, texts
    /// are skipped.
    ///
    /// If the future is dropped, the running tesseract is ended.
    ///
    /// # Errors
    /// When tesseract is installed but does not work.
    pub(crate) async fn judge(
        &self,
        outcome: &mut Outcome,
        screen: &Picture,
    ) -> Result<(), TextError> {
        for (index, place) in outcome.texts_to_read() {
            if !outcome.ok {
                break; // Another text has decided.
            }
            let read = match &self.program {
                Some(program) => Ok(self.read(program, screen.crop(place)?).await?),
                None => Err(
                    "tesseract is not installed; `qa doctor` tells how to install it".to_owned(),
                ),
            };
            outcome.take_text(index, read);
        }
        Ok(())
    }

    /// Returns the first of the passing needles whose texts are right, too.
    ///
    /// # Errors
    /// As [`TextReader::judge`].
    pub(crate) async fn first(
        &self,
        passing: Vec<Outcome>,
        screen: &Picture,
    ) -> Result<Option<Outcome>, TextError> {
        for mut outcome in passing {
            self.judge(&mut outcome, screen).await?;
            if outcome.ok {
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }

    /// Returns the ranking after reading the texts.
    ///
    /// # Errors
    /// As [`TextReader::judge`].
    pub(crate) async fn ranked(
        &self,
        ranking: Ranking,
        screen: &Picture,
    ) -> Result<Ranking, TextError> {
        let mut outcomes: Vec<_> = ranking.matched.into_iter().collect();
        outcomes.extend(ranking.candidates);
        for outcome in &mut outcomes {
            self.judge(outcome, screen).await?;
        }
        Ok(Ranking::of(outcomes))
    }

    async fn read(&self, program: &Path, area: Picture) -> Result<String, TextError> {
        if let Some(text) = self.known(&area) {
            return Ok(text);
        }
        let shown = || program.display().to_string();
        let read = tokio::time::timeout(self.limit, recognize(program, &area)).await;
        let text = read.unwrap_or_else(|_| {
            Err(TextError::TimedOut {
                program: shown(),
                width: area.width(),
                height: area.height(),
                seconds: self.limit.as_secs(),
            })
        })?;
        // Entries are always complete, so a panic of another thread does no harm.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == MOST_KNOWN {
            known.pop_front();
        }
        known.push_back((area, text.clone()));
        Ok(text)
    }

    fn known(&self, area: &Picture) -> Option<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let same = known.iter().find(|(picture, _)| picture == area);
        same.map(|(_, text)| text.clone())
    }
}

/// Returns the texts of a needle in the form of reports.
pub(crate) fn told(outcome: &Outcome) -> Vec<TextFound> {
    /// Longer texts are cut, because a report shows the difference and not a page.
    const MOST: usize = 1000;
    let cut = |read: &str| read.chars().take(MOST).collect();
    let told = |text: &TextMatch| {
        let pattern = outcome.needle.areas()[text.area].text.as_ref();
        TextFound {
            area: text.area + 1,
            wanted: pattern.map(ToString::to_string).unwrap_or_default(),
            result: match &text.reading {
                TextReading::Unread => TextResult::Unread,
                TextReading::Fits { read } => TextResult::Fits { read: cut(read) },
                TextReading::Differs { read } => TextResult::Differs { read: cut(read) },
                TextReading::Skipped { reason } => TextResult::Skipped {
                    reason: reason.clone(),
                },
            },
        }
    };
    outcome.texts.iter().map(told).collect()
}

fn is_program(file: &Path) -> bool {
    let facts = std::fs::metadata(file);
    facts.is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

/// Runs tesseract on a picture. Dropping this ends it.
async fn recognize(program: &Path, area: &Picture) -> Result<String, TextError> {
    let shown = || program.display().to_string();
    let unusable = |error| TextError::Unusable {
        program: shown(),
        error,
    };
    let mut child = Command::new(program)
        // Page segmentation mode 6: one block of text.
        .args(["stdin", "stdout", "--psm", "6"])
        // More threads make it slower, and the machine under test needs the host's cores.
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(unusable)?;
    let ppm = enlarged(area);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        // If the program does not read all input, its exit status and stderr give the reason.
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(&ppm).await;
        }
        Ok(())
    };
    let (_, out, err) = tokio::try_join!(write, all(stdout), all(stderr)).map_err(unusable)?;
    let (Some(out), Some(err)) = (out, err) else {
        return Err(TextError::TooMuch { program: shown() });
    };
    let status = child.wait().await.map_err(unusable)?;
    if !status.success() {
        let said = err.trim_end();
        let last = said.lines().next_back().unwrap_or("it said nothing");
        return Err(TextError::Failed {
            program: shown(),
            status,
            said: last.chars().take(300).collect(),
        });
    }
    Ok(out.trim_end().to_owned())
}

/// Reads a stream to its end. Bytes that are not UTF-8 are replaced. Returns none if the stream is too long.
async fn all(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<Option<String>> {
    let mut said = Vec::new();
    if let Some(stream) = stream {
        stream.take(MOST_BYTES + 1).read_to_end(&mut said).await?;
    }
    let fits = said.len() as u64 <= MOST_BYTES;
    Ok(fits.then(|| String::from_utf8_lossy(&said).into_owned()))
}

/// Returns the picture as a PPM, enlarged so that tesseract can read its letters.
fn enlarged(area: &Picture) -> Vec<u8> {
    let (width, height) = (area.width(), area.height());
    let factor = if width * height * ENLARGED * ENLARGED <= MOST_PIXELS {
        ENLARGED
    } else {
        1
    };
    let picture = image::RgbImage::from_raw(width, height, area.rgb().to_vec());
    let picture = picture.unwrap_or_default(); // Impossible: a picture has its pixels.
    let picture = imageops::resize(
        &picture,
        width * factor,
        height * factor,
        FilterType::CatmullRom,
    );
    let mut ppm = format!("P6\n{} {}\n255\n", picture.width(), picture.height()).into_bytes();
    ppm.extend_from_slice(picture.as_raw());
    ppm
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use needles::{Needle, PreparedFrame, PreparedNeedle, SearchRatio, find};

    use super::*;

    fn screen() -> Picture {
        let rgb = (0..64 * 48 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
        Picture::from_rgb(64, 48, rgb.collect()).expect("a picture")
    }

    fn outcome(text: &str) -> Outcome {
        let json = format!(
            r#"{{"area":[{{"xpos":4,"ypos":4,"width":30,"height":20,"qa":{{"text":"{text}"}}}}]}}"#
        );
        let needle = Needle::from_json("n", json.as_bytes()).expect("a needle");
        let prepared = PreparedNeedle::new(Arc::new(needle), &screen());
        find(
            &prepared,
            &PreparedFrame::new(screen()),
            SearchRatio::MARGIN,
        )
    }

    /// A tesseract that is a shell script.
    fn fake(folder: &Path, script: &str) -> TextReader {
        let file = folder.join("tesseract");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a program");
        TextReader::with(Some(file), LIMIT)
    }

    async fn judged(reader: &TextReader, text: &str) -> Result<Outcome, TextError> {
        let mut outcome = outcome(text);
        reader.judge(&mut outcome, &screen()).await?;
        Ok(outcome)
    }

    #[tokio::test]
    async fn the_area_is_handed_over_enlarged_and_read_once() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let log = dir.path().join("log");
        let script = format!(
            "echo \"$*\" >> {log}; head -c 13 >> {log}; cat > /dev/null; echo 'Log  in'",
            log = log.display()
        );
        let reader = fake(dir.path(), &script);
        for (text, ok) in [("Log in", true), ("Log out", false)] {
            let outcome = judged(&reader, text).await.expect("read");
            assert_eq!(outcome.ok, ok);
        }
        let said = fs::read_to_string(&log).expect("a log");
        assert_eq!(said, "stdin stdout --psm 6\nP6\n90 60\n255\n");
        let ranking = Ranking::of(vec![outcome("Log out"), outcome("Log in")]);
        let ranking = reader.ranked(ranking, &screen()).await.expect("read");
        let matched = ranking.matched.expect("a match");
        let read = TextReading::Fits {
            read: "Log  in".to_owned(),
        };
        assert_eq!(matched.texts[0].reading, read);
        assert_eq!(ranking.candidates.len(), 1);
        let passing = vec![outcome("Log out"), outcome("Log in")];
        let first = reader.first(passing, &screen()).await.expect("read");
        assert_eq!(first, Some(matched));
    }

    #[tokio::test]
    async fn without_tesseract_texts_are_skipped_and_the_reason_is_told() {
        let reader = TextReader::with(None, LIMIT);
        let outcome = judged(&reader, "anything").await.expect("skipped");
        assert!(outcome.ok);
        let TextReading::Skipped { reason } = &outcome.texts[0].reading else {
            panic!("{outcome:?}");
        };
        assert!(reason.starts_with("tesseract is not installed"), "{reason}");
    }

    #[tokio::test]
    async fn a_tesseract_that_fails_is_an_error_that_says_what_it_said() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let reader = fake(dir.path(), "echo one >&2; echo two >&2; exit 3");
        let error = judged(&reader, "x").await.expect_err("a failure");
        let program = dir.path().join("tesseract");
        let expected = format!("`{}` failed (exit status: 3): two", program.display());
        assert_eq!(error.to_string(), expected);
        let reader = TextReader::with(Some(dir.path().join("none")), LIMIT);
        let error = judged(&reader, "x").await.expect_err("no program");
        assert!(matches!(error, TextError::Unusable { .. }), "{error}");
    }

    #[tokio::test]
    async fn any_bytes_may_be_said_but_not_without_end() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let reader = fake(dir.path(), r"printf 'a\377\000\033[31mb'");
        let outcome = judged(&reader, "b").await.expect("read");
        assert!(outcome.ok, "{outcome:?}");
        let reader = fake(dir.path(), "exec cat /dev/zero");
        let error = judged(&reader, "c").await.expect_err("too much");
        assert!(matches!(error, TextError::TooMuch { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_tesseract_that_hangs_is_ended_at_its_limit_or_when_nobody_waits_any_more() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let pipe = dir.path().join("alive");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .expect("a pipe");
        // It holds the pipe open as long as it lives.
        let script = format!("exec sleep 1000 > {}", pipe.display());
        let mut reader = fake(dir.path(), &script);
        let mut waiting = Box::pin(judged(&reader, "x"));
        let opened = tokio::fs::File::open(pipe.clone());
        let mut end = tokio::select! {
            _ = &mut waiting => panic!("it does not hang"),
            end = opened => end.expect("a pipe"),
        };
        drop(waiting);
        end.read_to_end(&mut Vec::new()).await.expect("its end");

        reader.limit = Duration::from_millis(1);
        let error = judged(&reader, "x").await.expect_err("a limit");
        assert!(matches!(error, TextError::TimedOut { .. }), "{error}");
    }
}
