//! A colour of a screen.

use std::fmt;

use color::{Oklab, OpaqueColor, Srgb};

/// A colour: red, green and blue of sRGB. Its text is `#` and six hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Black.
    pub(crate) const BLACK: Self = Self(0, 0, 0);

    /// White.
    pub(crate) const WHITE: Self = Self(255, 255, 255);

    /// The colour of a text such as `#14594a`; `None` for another form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        // The parser of numbers would accept a sign.
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self(red, green, blue))
    }

    /// The contrast with another colour, from 1 to 21, as WCAG defines it.
    pub(crate) fn contrast(self, other: Self) -> f32 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The brightness to the eye, from 0 for black to 1 for white.
    pub(crate) fn luminance(self) -> f32 {
        self.opaque().relative_luminance()
    }

    /// The mixture with a share of another colour, from 0 to 1. The hue stays if the other one is black or white.
    pub(crate) fn mixed(self, other: Self, share: f32) -> Self {
        let (one, two) = (self.opaque().convert::<Oklab>(), other.opaque().convert::<Oklab>());
        let rgba = one.lerp_rect(two, share).convert::<Srgb>().to_rgba8();
        Self(rgba.r, rgba.g, rgba.b)
    }

    fn opaque(self) -> OpaqueColor<Srgb> {
        OpaqueColor::from_rgb8(self.0, self.1, self.2)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        assert_eq!(Rgb::parse("#14594A").unwrap().to_string(), "#14594a");
        for text in ["14594a", "#14594", "#14594a0", "#14594g", "#+14594", "red", "", "#1459äa"] {
            assert_eq!(Rgb::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_contrast_is_that_of_wcag() {
        assert!((Rgb::BLACK.contrast(Rgb::WHITE) - 21.0).abs() < 0.01);
        assert!((Rgb(0x77, 0x77, 0x77).contrast(Rgb::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn a_mixture_begins_with_one_colour_and_ends_with_the_other() {
        let color = Rgb(0x1d, 0x3f, 0x8f);
        assert_eq!((color.mixed(Rgb::WHITE, 0.0), color.mixed(Rgb::WHITE, 1.0)), (color, Rgb::WHITE));
    }
}
