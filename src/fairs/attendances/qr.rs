//! How is a ticket shown at the door? As a QR code (ISO/IEC 18004) drawn in SVG: one path, a quiet zone, and words for those
//! who do not see it.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::{Error, Result};

/// The quiet zone around the code, in modules (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// Draws a text as a code.
pub fn svg(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Error::internal)?;
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        for (column, color) in modules.iter().enumerate() {
            if *color == Color::Dark {
                path.push_str(&format!("M{} {}h1v1h-1z", column + QUIET, row + QUIET));
            }
        }
    }
    let side = width + 2 * QUIET;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-labelledby=\"t d\" \
         shape-rendering=\"crispEdges\"><title id=\"t\">入场二维码</title><desc id=\"d\">请在入口处出示此码签到 · Show this \
         code at the entrance</desc><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paints the path on a canvas of `scale` pixels a module and reads it with another library.
    fn read_back(svg: &str, scale: usize) -> String {
        let side: usize = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let mut dark = vec![false; side * side];
        for part in svg.split("<path d=\"M").nth(1).unwrap().split('"').next().unwrap().split('M') {
            let (x, y) = part.trim_end_matches("h1v1h-1z").split_once(' ').unwrap();
            dark[y.parse::<usize>().unwrap() * side + x.parse::<usize>().unwrap()] = true;
        }
        let pixel = |x: usize, y: usize| if dark[y / scale * side + x / scale] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * scale, side * scale, pixel);
        image.detect_grids().first().unwrap().decode().unwrap().1
    }

    #[test]
    fn another_library_reads_the_code_of_a_ticket() {
        let ticket = format!("eyJhbGciOiJFZERTQSJ9.{}.{}", "a1-_".repeat(37), "Zz09".repeat(21));
        assert_eq!(read_back(&svg(&ticket).unwrap(), 4), ticket);
    }

    #[test]
    fn a_text_too_long_for_a_code_is_an_error() {
        assert!(svg(&"a".repeat(5_000)).is_err());
    }
}
