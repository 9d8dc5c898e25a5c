//! Merchants' images: fetched from their addresses, checked, and kept for a while. The consumer's browser gets them
//! from Kassa, so that it sends no request to the merchant's host.
//!
//! Concurrent requests for one address share one fetch. A failure is remembered for a short time, so that a host that
//! does not answer is asked rarely.

mod content;
mod fetch;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kassa_outgoing::{CallErrorKind, Outgoing};
use moka::Expiry;
use moka::future::Cache;
use tokio::sync::Semaphore;

pub use content::ImageType;

/// The bounds on images.
#[derive(Clone, Debug)]
pub struct ImageBounds {
    /// The largest image, in bytes.
    pub largest_bytes: usize,
    /// The memory for images, in bytes. The oldest unused images are dropped first.
    pub memory_bytes: u64,
    /// How long an image is kept.
    pub image_age: Duration,
    /// How long a failure is remembered.
    pub failure_age: Duration,
    /// Maximum number of fetches at a time. A further one fails at once.
    pub most_fetches: usize,
    /// The time for the head of an answer, and as much again for its body.
    pub timeout: Duration,
}

impl Default for ImageBounds {
    fn default() -> Self {
        Self {
            largest_bytes: 2 * 1024 * 1024,
            memory_bytes: 32 * 1024 * 1024,
            image_age: Duration::from_secs(600),
            failure_age: Duration::from_secs(30),
            most_fetches: 16,
            timeout: Duration::from_secs(3),
        }
    }
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The type, by its content.
    pub content_type: ImageType,
    /// The bytes, as the merchant's host sent them.
    pub bytes: Bytes,
}

/// The reason why there is no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoImage {
    /// The address is no URL.
    #[error("the address is not a URL")]
    NoAddress,
    /// The host did not answer, or the node may not call it.
    #[error("the host gave no answer: {}", .0.as_str())]
    NoAnswer(CallErrorKind),
    /// The host answered with a status that has no image.
    #[error("the host answered with the status {0}")]
    Status(u16),
    /// The host redirected too often, or to an address that is not a URL.
    #[error("the host redirected too often, or to no address")]
    Redirects,
    /// The host redirected from https to http.
    #[error("the host redirected from https to http")]
    NotSecure,
    /// The image has too many bytes.
    #[error("the image has more than {0} bytes")]
    TooLarge(usize),
    /// The image did not come in time.
    #[error("the image did not come in time")]
    Incomplete,
    /// The content is of another type.
    #[error("the content is not a PNG, JPEG, WebP, GIF or SVG image")]
    OtherType,
    /// The image has too many pixels.
    #[error("the image has more than {0} pixels")]
    TooManyPixels(usize),
    /// The node fetches as many images as it may.
    #[error("the node fetches too many images at the moment")]
    Busy,
}

/// Fetches and keeps images. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Images(Arc<Parts>);

struct Parts {
    outgoing: Arc<dyn Outgoing>,
    bounds: ImageBounds,
    kept: Cache<String, Result<Image, NoImage>>,
    fetches: Semaphore,
}

/// How long an entry is kept: a failure for a shorter time than an image.
struct Ages {
    image: Duration,
    failure: Duration,
}

impl Expiry<String, Result<Image, NoImage>> for Ages {
    fn expire_after_create(
        &self,
        _address: &String,
        found: &Result<Image, NoImage>,
        _now: Instant,
    ) -> Option<Duration> {
        Some(match found {
            Ok(_) => self.image,
            // The address was not asked.
            Err(NoImage::Busy) => Duration::ZERO,
            Err(_) => self.failure,
        })
    }
}

impl Images {
    /// Fetches images through this way for outgoing calls, whose policy decides which hosts may be called.
    #[must_use]
    pub fn new(outgoing: Arc<dyn Outgoing>, bounds: ImageBounds) -> Self {
        let weight = |address: &String, found: &Result<Image, NoImage>| {
            let bytes = found.as_ref().map_or(0, |image| image.bytes.len());
            u32::try_from(address.len() + bytes).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder()
            .max_capacity(bounds.memory_bytes)
            .weigher(weight)
            .expire_after(Ages { image: bounds.image_age, failure: bounds.failure_age })
            .build();
        let fetches = Semaphore::new(bounds.most_fetches);
        Self(Arc::new(Parts { outgoing, bounds, kept, fetches }))
    }

    /// The image at an address: as it was fetched before, or fetched now.
    pub async fn image(&self, address: &str) -> Result<Image, NoImage> {
        self.0.kept.get_with_by_ref(address, self.fetched(address)).await
    }

    async fn fetched(&self, address: &str) -> Result<Image, NoImage> {
        let Ok(_permit) = self.0.fetches.try_acquire() else { return Err(NoImage::Busy) };
        let fetched = fetch::fetch(&*self.0.outgoing, &self.0.bounds, address).await;
        if let Err(reason) = &fetched {
            tracing::debug!(%reason, "image of a merchant not shown; it is fetched again later");
        }
        fetched
    }
}
