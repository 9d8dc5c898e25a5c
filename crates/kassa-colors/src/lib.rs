//! The colours of a shop on the consumer's pages and in e-mails, changed as far as they could not be read.
//!
//! A shop chooses an accent and a background. Pages have a light and a dark theme, so each colour is made fit for both:
//! it is mixed with black or white, step by step, until the text has enough contrast (WCAG 2.2, success criterion
//! 1.4.3). A colour that can be read stays as it is.

mod rgb;

pub use rgb::Rgb;

/// The contrast of text with its ground that WCAG asks for at the level AA (success criterion 1.4.3).
const TEXT_CONTRAST: f32 = 4.5;

/// The number of steps between a colour and black or white.
const STEPS: u8 = 50;

/// The distance of the colour of a button below the pointer from the colour of the button: its share of black or white.
const HOVER: f32 = 0.12;

/// The share of the accent in the ground of the chosen way to pay.
const SOFT: f32 = 0.09;

/// The colours of the stylesheet in one theme, beside which the colours of a shop appear (`tokens.css`).
struct Stylesheet {
    paper: Rgb,
    surface: Rgb,
    field: Rgb,
    ink: Rgb,
    ink_soft: Rgb,
    accent: Rgb,
}

const LIGHT: Stylesheet = Stylesheet {
    paper: Rgb(0xf4, 0xf1, 0xea),
    surface: Rgb(0xff, 0xff, 0xff),
    field: Rgb(0xff, 0xff, 0xff),
    ink: Rgb(0x18, 0x23, 0x1e),
    ink_soft: Rgb(0x55, 0x62, 0x5b),
    accent: Rgb(0x14, 0x59, 0x4a),
};

const DARK: Stylesheet = Stylesheet {
    paper: Rgb(0x0e, 0x14, 0x12),
    surface: Rgb(0x18, 0x21, 0x1d),
    field: Rgb(0x11, 0x19, 0x16),
    ink: Rgb(0xeb, 0xf1, 0xed),
    ink_soft: Rgb(0xa4, 0xb3, 0xab),
    accent: Rgb(0x74, 0xd6, 0xb3),
};

/// The colours of a shop in both themes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// For a light screen, and for e-mails.
    pub light: Theme,
    /// For a dark screen.
    pub dark: Theme,
}

/// The colours of a shop in one theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The background of the page. It is never lighter than the cards on it.
    pub paper: Rgb,
    /// Links, and the lines around what is chosen.
    pub accent: Rgb,
    /// The ground of the chosen way to pay.
    pub accent_soft: Rgb,
    /// The ground of the pay button: the accent as the shop chose it.
    pub fill: Rgb,
    /// The ground of the pay button below the pointer.
    pub fill_strong: Rgb,
    /// The text on the pay button.
    pub on_fill: Rgb,
}

impl Palette {
    /// The palette of a shop that chose these colours, each as `#` and six hexadecimal digits. A colour that it did not
    /// choose is Kassa's own.
    #[must_use]
    pub fn of(accent: Option<&str>, background: Option<&str>) -> Self {
        Self::of_colors(accent.and_then(Rgb::parse), background.and_then(Rgb::parse))
    }

    fn of_colors(accent: Option<Rgb>, background: Option<Rgb>) -> Self {
        Self {
            light: Theme::of(accent, background, &LIGHT, Rgb::BLACK),
            dark: Theme::of(accent, background, &DARK, Rgb::WHITE),
        }
    }

    /// The rules of a stylesheet that set the colours. Browsers without `light-dark()` get the light ones.
    #[must_use]
    pub fn css(&self) -> String {
        let (mut both, mut light_only) = (String::new(), String::new());
        for ((name, light), (_, dark)) in self.light.properties().into_iter().zip(self.dark.properties()) {
            both += &format!("--{name}:light-dark({light},{dark});");
            light_only += &format!("--{name}:{light};");
        }
        format!(":root{{{both}}}@supports not (color:light-dark(#000,#fff)){{:root{{{light_only}}}}}")
    }
}

impl Theme {
    /// `end` is the colour to which text goes for more contrast: black on a light screen, white on a dark one.
    fn of(accent: Option<Rgb>, background: Option<Rgb>, stylesheet: &Stylesheet, end: Rgb) -> Self {
        let opposite = if end == Rgb::BLACK { Rgb::WHITE } else { Rgb::BLACK };
        let Stylesheet { surface, field, ink, ink_soft, .. } = *stylesheet;
        let paper = adjusted(background.unwrap_or(stylesheet.paper), opposite, |paper| {
            paper.luminance() <= surface.luminance() && is_readable_with(paper, &[ink, ink_soft])
        });
        let fill = accent.unwrap_or(stylesheet.accent);
        let accent = adjusted(fill, end, |accent| is_readable_with(accent, &[paper, surface, field]));
        let on_fill = if fill.contrast(Rgb::WHITE) >= TEXT_CONTRAST { Rgb::WHITE } else { Rgb::BLACK };
        Self {
            paper,
            accent,
            accent_soft: adjusted(surface.mixed(accent, SOFT), opposite, |soft| {
                is_readable_with(soft, &[ink, ink_soft, accent])
            }),
            fill,
            fill_strong: fill.mixed(if on_fill == Rgb::WHITE { Rgb::BLACK } else { Rgb::WHITE }, HOVER),
            on_fill,
        }
    }

    /// The custom properties of the stylesheet that this theme sets.
    const fn properties(&self) -> [(&'static str, Rgb); 6] {
        [
            ("paper", self.paper),
            ("accent", self.accent),
            ("accent-soft", self.accent_soft),
            ("fill", self.fill),
            ("fill-strong", self.fill_strong),
            ("on-fill", self.on_fill),
        ]
    }
}

/// The colour, mixed with as little of `end` as makes it good. More of `end` is good, too.
fn adjusted(color: Rgb, end: Rgb, is_good: impl Fn(Rgb) -> bool) -> Rgb {
    let at = |step: u8| color.mixed(end, f32::from(step) / f32::from(STEPS));
    let (mut first, mut last) = (0, STEPS);
    while first < last {
        let middle = first.midpoint(last);
        match is_good(at(middle)) {
            true => last = middle,
            false => first = middle + 1,
        }
    }
    at(first)
}

fn is_readable_with(color: Rgb, others: &[Rgb]) -> bool {
    others.iter().all(|other| color.contrast(*other) >= TEXT_CONTRAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every mixture of five values of red, green and blue.
    fn colors() -> impl Iterator<Item = Rgb> {
        const VALUES: [u8; 5] = [0, 64, 128, 192, 255];
        VALUES.into_iter().flat_map(|r| VALUES.into_iter().flat_map(move |g| VALUES.map(|b| Rgb(r, g, b))))
    }

    #[test]
    fn all_text_is_readable_with_each_pair_of_colours() {
        for (accent, background) in colors().flat_map(|accent| colors().map(move |other| (accent, other))) {
            let palette = Palette::of_colors(Some(accent), Some(background));
            for (theme, sheet) in [(&palette.light, LIGHT), (&palette.dark, DARK)] {
                let texts = [
                    (sheet.ink, theme.paper),
                    (sheet.ink_soft, theme.paper),
                    (theme.accent, theme.paper),
                    (theme.accent, sheet.surface),
                    (theme.accent, sheet.field),
                    (sheet.ink, theme.accent_soft),
                    (sheet.ink_soft, theme.accent_soft),
                    (theme.accent, theme.accent_soft),
                    (theme.on_fill, theme.fill),
                    (theme.on_fill, theme.fill_strong),
                ];
                assert!(theme.paper.luminance() <= sheet.surface.luminance(), "{background}: {theme:?}");
                for (text, ground) in texts {
                    assert!(text.contrast(ground) >= 4.5, "{accent} {background}: {text} on {ground}");
                }
            }
        }
    }

    #[test]
    fn the_colours_beside_those_of_a_shop_are_those_of_the_stylesheet() {
        let tokens = include_str!("../../kassa-developer-page/assets/tokens.css");
        for (name, light, dark) in [
            ("paper", LIGHT.paper, DARK.paper),
            ("surface", LIGHT.surface, DARK.surface),
            ("field", LIGHT.field, DARK.field),
            ("ink", LIGHT.ink, DARK.ink),
            ("ink-soft", LIGHT.ink_soft, DARK.ink_soft),
            ("accent", LIGHT.accent, DARK.accent),
        ] {
            for line in [format!("--{name}: light-dark({light}, {dark});"), format!("--{name}: {light};")] {
                assert!(tokens.contains(&line), "{line}");
            }
        }
    }

    #[test]
    fn colours_that_can_be_read_stay_as_they_are() {
        let (accent, background) = (Rgb(0x1d, 0x3f, 0x8f), Rgb(0xee, 0xf3, 0xff));
        let light = Palette::of_colors(Some(accent), Some(background)).light;
        assert_eq!((light.accent, light.fill, light.paper), (accent, accent, background));
    }

    #[test]
    fn a_light_accent_stays_on_the_button_and_darkens_in_text() {
        let yellow = Rgb(0xff, 0xcc, 0x00);
        let Palette { light, dark } = Palette::of_colors(Some(yellow), None);
        assert_eq!((light.fill, light.on_fill), (yellow, Rgb::BLACK));
        assert_eq!(light.accent.to_string(), "#866a00");
        assert_eq!(dark.accent, yellow, "it can be read on a dark screen");
        assert_eq!(light.paper, LIGHT.paper);
    }

    #[test]
    fn the_stylesheet_sets_both_themes_and_the_light_one_for_older_browsers() {
        let css = Palette::of(Some("#FFCC00"), Some("no colour")).css();
        assert!(css.starts_with(":root{--paper:light-dark(#f4f1ea,#0e1412);"), "{css}");
        assert!(css.contains("--fill:light-dark(#ffcc00,#ffcc00);"), "{css}");
        let (_, older) = css.split_once("@supports not (color:light-dark(#000,#fff)){:root{").unwrap();
        assert!(older.contains("--paper:#f4f1ea;") && !older.contains("light-dark"), "{older}");
    }
}
