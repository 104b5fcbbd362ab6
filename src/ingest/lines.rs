//! Where does one line end and the next batch begin? Cuts a stream of bytes into lines and gathers them until there are
//! enough rows or enough bytes; a line that is too long is kept only in its beginning.

use crate::ingest::batch::Raw;
use crate::ingest::row::ROW_BYTES_MAX;
use crate::ingest::run::BATCH_ROWS;

/// How many bytes of lines are gathered before they are handed on.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// How much of a line is kept that is too long, in bytes.
const CUT_BYTES: usize = 512;

/// The lines of a stream.
#[derive(Debug, Default)]
pub struct Lines {
    begun: Vec<u8>,
    is_cut: bool,
    gathered: Vec<Raw>,
    bytes: usize,
    is_under_way: bool,
}

impl Lines {
    /// Takes bytes in and gives a batch of lines when there are enough.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Vec<Raw>> {
        let mut parts = bytes.split(|byte| *byte == b'\n');
        self.extend(parts.next().unwrap_or_default());
        for part in parts {
            self.end_line();
            self.extend(part);
        }
        let enough = self.gathered.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES;
        enough.then(|| self.hand_on())
    }

    /// Gives what is left.
    pub fn rest(mut self) -> Vec<Raw> {
        self.end_line();
        self.hand_on()
    }

    fn extend(&mut self, bytes: &[u8]) {
        if !self.is_cut {
            self.begun.extend_from_slice(bytes);
        }
        if self.begun.len() > ROW_BYTES_MAX {
            self.is_cut = true;
            self.begun = self.begun.iter().copied().take(CUT_BYTES).collect();
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.begun);
        let is_cut = std::mem::take(&mut self.is_cut);
        if !std::mem::replace(&mut self.is_under_way, true) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.trim_ascii().is_empty() {
            return;
        }
        self.bytes += line.len();
        self.gathered.push(if is_cut { Raw::Cut(line) } else { Raw::Line(line) });
    }

    fn hand_on(&mut self) -> Vec<Raw> {
        self.bytes = 0;
        std::mem::take(&mut self.gathered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(parts: &[&[u8]]) -> Vec<(bool, usize)> {
        let mut lines = Lines::default();
        let mut rows = Vec::new();
        for part in parts {
            rows.extend(lines.push(part).into_iter().flatten());
        }
        rows.extend(lines.rest());
        let told = |raw: &Raw| match raw {
            Raw::Line(line) => (false, line.len()),
            Raw::Cut(line) => (true, line.len()),
            Raw::Row(_) => unreachable!("only lines are given"),
        };
        rows.iter().map(told).collect()
    }

    #[test]
    fn lines_are_cut_wherever_the_parts_end() {
        assert_eq!(lines(&[b"\xef\xbb\xbf{\"a\"", b":1}\n\n  \r\n{\"b\":2}"]), [(false, 7), (false, 7)]);
        assert_eq!(lines(&[b"", b"\n"]), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_kept_in_its_beginning() {
        let long = vec![b'x'; ROW_BYTES_MAX];
        assert_eq!(lines(&[&long, b"more", b"\n{}\n"]), [(true, CUT_BYTES), (false, 2)]);
    }

    #[test]
    fn a_batch_is_handed_on_before_it_is_too_large() {
        let mut gatherer = Lines::default();
        let line = [vec![b'x'; 1024 * 1024], vec![b'\n']].concat();
        let handed = (0..20).filter_map(|_| gatherer.push(&line)).map(|batch| batch.len()).collect::<Vec<_>>();
        assert_eq!(handed, [8, 8]);
    }
}
