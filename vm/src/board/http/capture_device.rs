//! A video grabber of this host, by a program that reads it: ustreamer, or ffmpeg.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{net::unix::pipe, time::sleep};

use super::{
    HttpScreen, HttpSite, Limits,
    feed::{Feed, Origin},
    parts::Parts,
    screen::{Camera, Given},
};
use crate::{
    board::{BoardFault, FaultKind, command::Program},
    qemu::process::in_path,
};

/// The longest time from the start of ustreamer to its first answer.
const START: Duration = Duration::from_secs(10);

/// The time between two questions whether ustreamer answers.
const LOOK: Duration = Duration::from_millis(20);

/// The boundary that ffmpeg writes between pictures.
const BOUNDARY: &str = "ffmpeg";

/// A video grabber of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureDevice {
    /// The device: `/dev/video0`.
    pub device: PathBuf,
    /// The width and the height in pixels. None leaves the choice to the program.
    pub size: Option<(u32, u32)>,
    /// The program that reads the device.
    pub tool: CaptureTool,
}

/// A program that reads video grabbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaptureTool {
    /// `ustreamer`. Passes the pictures of the grabber on as they are, and tells when there is no signal.
    Ustreamer,
    /// `ffmpeg`.
    Ffmpeg,
}

impl CaptureTool {
    /// Returns the program to use on this host: `ffmpeg` only where there is no `ustreamer`.
    #[must_use]
    pub fn of_host() -> Self {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let has = |tool: Self| {
            std::env::split_paths(&paths).any(|folder| folder.join(tool.program()).is_file())
        };
        match !has(Self::Ustreamer) && has(Self::Ffmpeg) {
            true => Self::Ffmpeg,
            false => Self::Ustreamer,
        }
    }

    /// Returns the name of the program, which is also that of its package.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Ustreamer => "ustreamer",
            Self::Ffmpeg => "ffmpeg",
        }
    }
}

impl CaptureDevice {
    /// Starts the program, and returns the screen. The program ends with the screen. If it ends before, the next
    /// picture starts it again.
    ///
    /// # Errors
    /// When there is no such program, or it does not come up.
    pub(crate) async fn start(&self) -> Result<HttpScreen, BoardFault> {
        let name = self.tool.program();
        let program = in_path(name).ok_or_else(|| {
            BoardFault::new(FaultKind::Missing, format!("there is no `{name}` in PATH"))
                .advice(format!("install the package `{name}`"))
        })?;
        self.start_program(program).await
    }

    async fn start_program(&self, program: PathBuf) -> Result<HttpScreen, BoardFault> {
        let mut capture = Capture {
            device: self.clone(),
            program,
            server: None,
        };
        let feed = match capture.given().await {
            Ok(Given::Stream(feed)) => Some(feed),
            Ok(Given::Picture(_)) => None,
            // Without a signal there is a screen nevertheless.
            Err(_) if capture.server.is_some() => None,
            Err(fault) => return Err(fault),
        };
        Ok(HttpScreen::of_device(capture, feed, Limits::default()))
    }

    fn ustreamer(&self, program: &Path, socket: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .arg("--device")
            .arg(&self.device)
            .arg("--unix")
            .arg(socket)
            .args(["--unix-mode", "600"]);
        if let Some((width, height)) = self.size {
            command.arg("--resolution").arg(format!("{width}x{height}"));
        }
        command
    }

    fn ffmpeg(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.args([
            "-hide_banner",
            "-loglevel",
            "error",
            "-nostdin",
            "-f",
            "v4l2",
        ]);
        if let Some((width, height)) = self.size {
            command.arg("-video_size").arg(format!("{width}x{height}"));
        }
        // The best quality that JPEG has there: pictures are compared.
        command.arg("-i").arg(&self.device);
        command.args(["-f", "mpjpeg", "-boundary_tag", BOUNDARY, "-q:v", "2", "-"]);
        command
    }
}

/// A video grabber with the program that reads it.
#[derive(Debug)]
pub(super) struct Capture {
    device: CaptureDevice,
    program: PathBuf,
    server: Option<Server>,
}

/// A running ustreamer.
#[derive(Debug)]
struct Server {
    program: Program,
    camera: Camera,
    // Removed with the socket in it.
    _folder: TempDir,
}

impl Capture {
    pub(super) fn name(&self) -> String {
        let program = self.device.tool.program();
        format!("{program} for {}", self.device.device.display())
    }

    /// Returns the stream of the program. Starts the program if it does not run.
    pub(super) async fn given(&mut self) -> Result<Given, BoardFault> {
        match self.device.tool {
            CaptureTool::Ustreamer => self.given_by_server().await,
            CaptureTool::Ffmpeg => {
                let command = self.device.ffmpeg(&self.program);
                let (program, stdout) = self.run(command).await?;
                let origin = Origin::Output(Box::new(program), stdout);
                let feed = Feed::start(&self.name(), origin, Parts::new(BOUNDARY));
                Ok(Given::Stream(feed))
            }
        }
    }

    async fn given_by_server(&mut self) -> Result<Given, BoardFault> {
        if let Some(server) = &mut self.server
            && server.program.has_ended()
        {
            self.server = None;
        }
        let server = match self.server.take() {
            Some(server) => server,
            None => self.serve().await?,
        };
        let server = self.server.insert(server);
        server.camera.given(server.camera.ask().await?).await
    }

    /// Starts ustreamer, and waits until it answers.
    async fn serve(&self) -> Result<Server, BoardFault> {
        let folder = tempfile::Builder::new().prefix("qa-video-").tempdir();
        let folder = folder.map_err(|error| self.not_started(&error))?;
        let socket = folder.path().join("socket");
        let command = self.device.ustreamer(&self.program, &socket);
        let (mut program, _stdout) = self.run(command).await?;
        // The headers of the parts say if there is a signal.
        let path = "/stream?extra_headers=1";
        let site = HttpSite::behind_socket(&self.name(), &socket, path)?;
        let camera = Camera::open(site);
        let begun = Instant::now();
        loop {
            match camera.ask().await {
                Ok(_) => break,
                Err(fault) if begun.elapsed() >= START => return Err(fault),
                Err(_) => {}
            }
            if program.has_ended() {
                let said = program.last_words().await;
                let words = format!("{} ended: {said}", self.name());
                return Err(BoardFault::new(FaultKind::Refused, words)
                    .advice("check that the device exists, and that no other program uses it"));
            }
            sleep(LOOK).await;
        }
        Ok(Server {
            program,
            camera,
            _folder: folder,
        })
    }

    async fn run(&self, command: Command) -> Result<(Program, pipe::Receiver), BoardFault> {
        let started = Program::start(command).await;
        started.map_err(|error| self.not_started(&error))
    }

    fn not_started(&self, error: &std::io::Error) -> BoardFault {
        let words = format!("{} cannot be started: {error}", self.name());
        BoardFault::new(FaultKind::Missing, words)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{
        super::fake_site::{FakeSite, Reply},
        *,
    };
    use crate::{
        board::picture::tests::jpeg,
        screen::{PictureSource, Taken},
    };

    /// Writes a program of the shell into a folder.
    fn program(folder: &Path, name: &str, script: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn device(tool: CaptureTool) -> CaptureDevice {
        CaptureDevice {
            device: "/dev/video7".into(),
            size: Some((1920, 1080)),
            tool,
        }
    }

    fn part(headers: &str, bytes: &[u8]) -> Vec<u8> {
        let head = format!(
            "--ffmpeg\r\n{headers}Content-length: {}\r\n\r\n",
            bytes.len()
        );
        [head.as_bytes(), bytes, b"\r\n"].concat()
    }

    async fn width(screen: &mut HttpScreen) -> Result<u32, String> {
        match screen.take(None).await {
            Ok(Taken::Picture(picture)) => Ok(picture.width),
            Ok(Taken::Same) => panic!("the screen cannot know that"),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn ffmpeg_writes_a_stream_into_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let stream = folder.path().join("stream");
        fs::write(&stream, part("", &jpeg(64, 16))).unwrap();
        let arguments = folder.path().join("arguments");
        let script = format!(
            "echo $* > {0}.new; mv {0}.new {0}; while cat {1}; do sleep 0.01; done",
            arguments.display(),
            stream.display()
        );
        let program = program(folder.path(), "ffmpeg", &script);
        let device = device(CaptureTool::Ffmpeg);
        let mut screen = device.start_program(program).await.unwrap();
        assert_eq!(width(&mut screen).await, Ok(64));
        let arguments = fs::read_to_string(arguments).unwrap();
        assert!(arguments.contains("-f v4l2 -video_size 1920x1080 -i /dev/video7"));
    }

    #[tokio::test]
    async fn a_program_that_ends_is_told_with_its_last_words_and_started_again() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo /dev/video7: Device or resource busy >&2; exit 1";
        let path = program(folder.path(), "ffmpeg", script);
        let mut screen = device(CaptureTool::Ffmpeg)
            .start_program(path.clone())
            .await
            .unwrap();
        let error = width(&mut screen).await.unwrap_err();
        assert!(error.contains("Device or resource busy"), "{error}");
        let stream = folder.path().join("stream");
        fs::write(&stream, part("", &jpeg(64, 16))).unwrap();
        let script = format!("cat {}; sleep 1000", stream.display());
        program(folder.path(), "ffmpeg", &script);
        assert_eq!(width(&mut screen).await, Ok(64));
        let path = program(
            folder.path(),
            "ustreamer",
            "echo no such device >&2; exit 1",
        );
        let started = device(CaptureTool::Ustreamer).start_program(path).await;
        let fault = started.unwrap_err();
        assert_eq!(
            fault.words,
            "ustreamer for /dev/video7 ended: no such device"
        );
    }

    #[tokio::test]
    async fn ustreamer_serves_its_stream_on_a_socket() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &told,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let script = format!("echo $* > {}; exec sleep 1000", told.display());
        let program = program(folder.path(), "ustreamer", &script);
        let serving = tokio::task::spawn_blocking(move || fs::read_to_string(told).unwrap());
        let serving = async {
            let arguments = serving.await.unwrap();
            let mut words = arguments.split_whitespace();
            let socket = words.by_ref().skip_while(|word| *word != "--unix").nth(1);
            let site = FakeSite::at_socket(socket.unwrap().as_ref(), |request| {
                assert_eq!(request.path, "/stream?extra_headers=1");
                let body = part("X-UStreamer-Online: true\r\n", &jpeg(64, 16));
                Reply::stream("multipart/x-mixed-replace;boundary=ffmpeg", &body)
            });
            (site, arguments)
        };
        let device = device(CaptureTool::Ustreamer);
        let (screen, (_site, arguments)) = tokio::join!(device.start_program(program), serving);
        assert!(arguments.contains("--device /dev/video7"), "{arguments}");
        assert!(arguments.contains("--resolution 1920x1080"), "{arguments}");
        // The fake sends one picture with each connection: that of the start has gone by.
        let mut screen = screen.unwrap();
        screen.drop_feed();
        assert_eq!(width(&mut screen).await, Ok(64));
    }

    #[tokio::test]
    async fn a_program_that_is_not_installed_is_told() {
        let device = device(CaptureTool::Ffmpeg);
        let started = device.start_program("/nowhere/ffmpeg".into()).await;
        assert_eq!(started.unwrap_err().kind, FaultKind::Missing);
    }
}
