//! The type of an image, by its content. The `Content-Type` of the merchant's host does not matter.

use roxmltree::{Document, ParsingOptions};

use crate::NoImage;

/// The largest number of pixels. A browser needs four bytes for each.
const MOST_PIXELS: usize = 40_000_000;

/// The largest number of elements, attributes and texts of an SVG image.
const MOST_NODES: u32 = 100_000;

/// The namespace of SVG.
const SVG: &str = "http://www.w3.org/2000/svg";

/// A type of image that browsers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageType {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// SVG. It can contain scripts, so its answer needs a policy that forbids them.
    Svg,
}

impl ImageType {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Svg => "image/svg+xml",
        }
    }

    /// The type of an image.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, NoImage> {
        let found = match imagesize::image_type(bytes) {
            Ok(imagesize::ImageType::Png) => Self::Png,
            Ok(imagesize::ImageType::Jpeg) => Self::Jpeg,
            Ok(imagesize::ImageType::Webp) => Self::Webp,
            Ok(imagesize::ImageType::Gif) => Self::Gif,
            // Types that few browsers show, and bytes that are no picture.
            Ok(_) | Err(_) if is_svg(bytes) => return Ok(Self::Svg),
            Ok(_) | Err(_) => return Err(NoImage::OtherType),
        };
        let size = imagesize::blob_size(bytes).map_err(|_| NoImage::OtherType)?;
        match size.width.saturating_mul(size.height) {
            0 => Err(NoImage::OtherType),
            1..=MOST_PIXELS => Ok(found),
            _ => Err(NoImage::TooManyPixels(MOST_PIXELS)),
        }
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let is_root = |document: Document<'_>| document.root_element().has_tag_name((SVG, "svg"));
    Document::parse_with_options(text.trim_start_matches('\u{feff}'), options).is_ok_and(is_root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{GIF, PNG};

    #[test]
    fn the_content_decides_about_the_type() {
        let jpeg = [
            0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xc0,
            0, 11, 8, 0, 3, 0, 4, 1, 1, 0x11, 0, 0xff, 0xd9,
        ];
        let webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x03\x80\0\0\0\0\0\0\0\0\0\0\0";
        for (bytes, expected) in [
            (PNG, ImageType::Png),
            (GIF, ImageType::Gif),
            (&jpeg[..], ImageType::Jpeg),
            (&webp[..], ImageType::Webp),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ImageType::Svg),
            (
                "\u{feff}<?xml version='1.0'?><!-- a --><svg xmlns='http://www.w3.org/2000/svg'/>".as_bytes(),
                ImageType::Svg,
            ),
        ] {
            assert_eq!(ImageType::of(bytes), Ok(expected), "{bytes:?}");
        }
    }

    #[test]
    fn other_content_is_no_image() {
        let laughs = "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
                      <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;'>\
                      <!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;'>\
                      <!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'>]><svg xmlns='http://www.w3.org/2000/svg'>&g;</svg>";
        for bytes in [
            &b""[..],
            b"<html><body>404</body></html>",
            b"<svg/>",
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            b"\x89PNG\r\n\x1a\n",
            b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x01\0\x01\0\x01\0\x18\0\xff\0\0\0",
            b"%PDF-1.7",
            laughs.as_bytes(),
        ] {
            assert_eq!(ImageType::of(bytes), Err(NoImage::OtherType), "{bytes:?}");
        }
    }

    #[test]
    fn a_small_file_with_very_many_pixels_is_refused() {
        let mut png = PNG.to_vec();
        png[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
        assert_eq!(ImageType::of(&png), Err(NoImage::TooManyPixels(MOST_PIXELS)));
    }
}
