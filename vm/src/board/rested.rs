//! A source of pictures that is given rest: taking pictures without a pause would slow a board's services down, and
//! with a virtual machine behind VNC the machine itself.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{
    CaptureError, Frame,
    screen::{PictureSource, Taken},
};

/// The rest after a picture, as a multiple of the time that it took: a quarter of the time is spent with pictures.
const REST: u32 = 3;

/// The longest rest.
const LONGEST: Duration = Duration::from_secs(1);

/// A source of pictures that rests after each of them.
#[derive(Debug)]
pub(super) struct Rested<S> {
    source: S,
    rests_until: Instant,
}

impl<S> Rested<S> {
    pub(super) fn new(source: S) -> Self {
        Self {
            source,
            rests_until: Instant::now(),
        }
    }
}

impl<S: PictureSource> PictureSource for Rested<S> {
    async fn take(&mut self, last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        sleep_until(self.rests_until).await;
        let begun = Instant::now();
        let taken = self.source.take(last).await;
        let rest = (begun.elapsed() * REST).min(LONGEST);
        self.rests_until = Instant::now() + rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    /// A source that takes this long for a picture.
    struct Slow(Duration);

    impl PictureSource for Slow {
        async fn take(&mut self, _last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
            sleep(self.0).await;
            Ok(Taken::Same)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_rests_three_times_as_long_as_a_picture_takes() {
        for (took, rest) in [(100, 300), (0, 0), (5000, 1000)] {
            let mut source = Rested::new(Slow(Duration::from_millis(took)));
            source.take(None).await.unwrap();
            let begun = Instant::now();
            source.take(None).await.unwrap();
            assert_eq!(begun.elapsed(), Duration::from_millis(rest + took));
        }
    }
}
