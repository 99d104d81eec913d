//! Devices with an HTTP address: the connection with its certificates and faults, and screens made of such pictures.
//!
//! ```text
//! HttpScreen --snapshot: one request a picture--> HttpSite --Tls--> camera, ustreamer, kvmd, Redfish
//!      '------ stream: Feed, the newest part ------'
//! CaptureDevice --starts--> ustreamer, ffmpeg --Feed--> HttpScreen
//! ```

mod capture_device;
mod certificate;
#[cfg(test)]
pub(crate) mod fake_site;
mod feed;
mod parts;
mod screen;
mod site;
mod tls;
mod trust;

pub use capture_device::{CaptureDevice, CaptureTool};
pub use screen::HttpPictureSpec;
pub(crate) use screen::HttpScreen;
pub(crate) use site::{HttpSite, Limits};
pub use tls::{ParseFingerprintError, Tls};
